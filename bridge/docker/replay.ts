import { FoghornError } from '../../protocol/errors.js';
import type { Engine } from './engine.js';

/** An engine remembers so many events. */
const MEMORY = 256;

/** A span of which events may be missing; ns since 1970. */
export interface Missing {
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
  #told = new Set<string>();
  #last: string | undefined;
  #isOver = false;

  constructor(
    /** Time of the last event that was recorded before; undefined when there is none. */
    private readonly recordedUntil: bigint | undefined,
    /** When the engine was asked; what happened before comes from its memory. */
    private readonly askedAt: bigint,
    private readonly onOver: () => void,
  ) {}

  /** Whether an event of this time comes from the memory. */
  holds(time: bigint): boolean {
    return time < this.askedAt;
  }

  /** Something has been told that happened since, and so all of the memory. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#told.clear();
    this.onOver();
  }

  /** The connection is lost: what it has told of the memory is all that it ever tells. */
  cut(): void {
    if (this.#count > 0) this.over();
  }

  /** This line from the memory has been told. */
  told(time: bigint, line: string): void {
    if (this.#isOver) return;
    this.#count++;
    this.#first ??= time;
    if (time === this.recordedUntil) this.#sawLast = true;
    this.#told.add(line);
    if (line === this.#last) this.over();
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
    this.#last = last;
    if (last === undefined || this.#told.has(last)) this.over();
  }

  /** What the engine does not remember any more of the time since the last event recorded; known when it is over. */
  get missing(): Missing | undefined {
    if (this.recordedUntil === undefined || this.#sawLast) return undefined;
    return {
      from: this.recordedUntil,
      to: this.#first ?? this.askedAt,
      why:
        this.#count >= MEMORY
          ? `the engine remembers only the last ${MEMORY}`
          : 'the engine was restarted',
    };
  }
}
