import { FoghornError } from '../../protocol/errors.js';
import type { Engine } from './engine.js';

/** An engine remembers so many events. */
const ENGINE_MEMORY_EVENTS = 256;

/** A span of which events may be missing; ns since 1970. */
export interface MissingSpan {
  readonly from: bigint;
  readonly to: bigint;
  readonly why: string;
}

/** What one connection is told from the engine's memory, before what happens. */
export class Replay {
  #count = 0;
  #first: bigint | undefined;
  #sawLast = false;
  /** Lines told so far, until it is known which is the last. */
  #received = new Set<string>();
  #lastOfMemory: string | undefined;
  #isFinished = false;

  constructor(
    /** Time of the last event that was recorded before; undefined when there is none. */
    private readonly recordedUntil: bigint | undefined,
    /** When the engine was asked; what happened before comes from its memory. */
    private readonly askedAt: bigint,
    private readonly onFinish: () => void,
  ) {}

  /** Whether an event of this time comes from the memory. */
  covers(time: bigint): boolean {
    return time < this.askedAt;
  }

  /** Something has been told that happened since, and so all of the memory. */
  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#received.clear();
    this.onFinish();
  }

  /** The connection is lost: what it has told of the memory is all that it ever tells. */
  onConnectionLost(): void {
    if (this.#count > 0) this.finish();
  }

  /** This line from the memory has been told. */
  add(time: bigint, line: string): void {
    if (this.#isFinished) return;
    this.#count++;
    this.#first ??= time;
    if (time === this.recordedUntil) this.#sawLast = true;
    this.#received.add(line);
    if (line === this.#lastOfMemory) this.finish();
  }

  /**
   * Finds out where the memory ends, which the stream of events does not tell: asks for what it holds once more, without what
   * happens after.
   */
  async findEnd(engine: Engine, since: bigint, signal: AbortSignal): Promise<void> {
    const until = since > this.askedAt ? since : this.askedAt;
    let last: string | undefined;
    try {
      for await (const line of await engine.events({ since, until }, signal)) last = line;
    } catch (error) {
      // The stream of events will tell, or the next event that happens.
      if (error instanceof FoghornError) return;
      throw error;
    }
    this.#lastOfMemory = last;
    if (last === undefined || this.#received.has(last)) this.finish();
  }

  /** What the engine does not remember any more of the time since the last event recorded; known when it is over. */
  get missing(): MissingSpan | undefined {
    if (this.recordedUntil === undefined || this.#sawLast) return undefined;
    return {
      from: this.recordedUntil,
      to: this.#first ?? this.askedAt,
      why:
        this.#count >= ENGINE_MEMORY_EVENTS
          ? `the engine remembers only the last ${ENGINE_MEMORY_EVENTS}`
          : 'the engine was restarted',
    };
  }
}
