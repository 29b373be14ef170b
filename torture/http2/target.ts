import type { Random } from '../random.js';

/** One request of a client, in parts that become frames. */
export interface TrafficRequest {
  /** The block of its header fields. */
  readonly head: Buffer;
  /** The next bytes of its body; may be empty. */
  body(): Buffer;
}

/** Makes the requests that a server knows how to answer. */
export type RequestMaker = (random: Random) => TrafficRequest;

/** A server that gets mutated traffic. */
export interface Target {
  readonly path: string;
  readonly makeRequest: RequestMaker;
  /** Faults of the server so far. */
  readonly violations: readonly string[];
  /** Resolves when another client gets its answer; rejects if that takes some seconds. */
  askBystander(): Promise<void>;
  /** Resolves when nothing is left of clients that have gone; rejects after some seconds. */
  untilIdle(): Promise<void>;
  stop(): Promise<void>;
}
