import { FoghornError } from '../../protocol/errors.js';
import type { Engine } from './engine.js';

/** Number of events that a Docker engine remembers. */
const ENGINE_MEMORY_EVENTS = 256;

/** Milliseconds that the engine has to say whether it remembers earlier events. */
const ANSWER_TIMEOUT_MS = 1000;

/** Events that an engine replays from its memory at the start of a connection, before new ones. */
export class Replay {
  #count = 0;
  #first: bigint | undefined;
  #sawLast = false;
  /** Lines received so far, until the last line of the memory is known. */
  #received = new Set<string>();
  #lastOfMemory: string | undefined;
  #isFinished = false;

  constructor(
    /** Time of the last event recorded before; undefined if there is none. */
    private readonly recordedUntil: bigint | undefined,
    /** Time of the request. Events from before it come from the engine's memory. */
    private readonly askedAt: bigint,
    private readonly onFinish: () => void,
  ) {}

  /** Whether an event with this time comes from the memory. */
  covers(time: bigint): boolean {
    return time < this.askedAt;
  }

  /** Ends the replay: the engine has sent a new event, and so everything it remembered. */
  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#received.clear();
    this.onFinish();
  }

  /** Ends the replay if the engine sent any of its memory; the rest will not come. */
  onConnectionLost(): void {
    if (this.#count > 0) this.finish();
  }

  /** Counts a line that came from the memory. */
  add(time: bigint, line: string): void {
    if (this.#isFinished) return;
    this.#count++;
    this.#first ??= time;
    if (time === this.recordedUntil) this.#sawLast = true;
    this.#received.add(line);
    if (line === this.#lastOfMemory) this.finish();
  }

  /**
   * Finds the last event of the memory, which the stream does not show: requests the remembered
   * events once more, without new ones.
   */
  async findEnd(engine: Engine, since: bigint, signal: AbortSignal): Promise<void> {
    const until = since > this.askedAt ? since : this.askedAt;
    let last: string | undefined;
    try {
      const { lines } = await engine.events({ since, until }, signal);
      for await (const line of lines) last = line;
    } catch (error) {
      // The next new event will end the replay instead.
      if (error instanceof FoghornError) return;
      throw error;
    }
    this.#lastOfMemory = last;
    if (last === undefined || this.#received.has(last)) this.finish();
  }

  /**
   * Whether events between the last recorded one and the first replayed one may be missing. Final
   * once the replay has ended.
   */
  get mayHaveHole(): boolean {
    return this.recordedUntil !== undefined && !this.#sawLast;
  }

  /** End of the span in which events may be missing, in nanoseconds since 1970. */
  get holeEnd(): bigint {
    return this.#first ?? this.askedAt;
  }

  /** Whether the engine has sent as many events as a Docker engine remembers. */
  get isWholeMemory(): boolean {
    return this.#count >= ENGINE_MEMORY_EVENTS;
  }

  /**
   * Whether the engine remembers an event of the time up to the last recorded one. If so, it has
   * forgotten nothing since, although it did not replay that event. Resolves with false when it
   * does not answer.
   */
  async reachesBack(engine: Engine, signal: AbortSignal): Promise<boolean> {
    if (this.recordedUntil === undefined) return false;
    const leaving = new AbortController();
    const ends = [signal, leaving.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)];
    const span = { since: 0n, until: this.recordedUntil };
    try {
      const { lines } = await engine.events(span, AbortSignal.any(ends));
      for await (const line of lines) if (line !== '') return true;
      return false;
    } catch (error) {
      if (error instanceof FoghornError) return false;
      throw error;
    } finally {
      leaving.abort();
    }
  }
}
