import { FoghornError } from '../../protocol/errors.js';
import { momentNanos, momentTimestamp } from '../moment.js';
import { readRequest } from './read-options.js';
import type { ReadOptions, ReadStart } from './read-options.js';
import type { ReadMessage, Shutdown } from './read-message.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { Entry, ReadRequest } from '../../protos/gen/foghorn/v1/history.js';

/** Tracks how far a reader has come, and so what it still has to ask for. */
export class ReadPosition {
  readonly #options: ReadOptions;
  /** Start time of the replay; undefined after the replay, when late events are not left out. */
  #since: bigint | undefined;
  #start: ReadStart;
  /** The last kept exit that was handled. A read cannot start after one. */
  #keptExitsAfter = '';
  #left: number;

  /** @throws FoghornError INVALID_ARGUMENT when the limit is not a whole number above 0. */
  constructor(options: ReadOptions) {
    const { limit = Infinity } = options;
    if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit > 0)) {
      throw new FoghornError(
        'INVALID_ARGUMENT',
        `limit ${limit}: expected a whole number, 1 or more`,
      );
    }
    momentTimestamp(options.until, 'until');
    const start = options.start ?? 'now';
    this.#options = options;
    this.#since =
      typeof start === 'object' && 'since' in start ? momentNanos(start.since, 'since') : undefined;
    this.#start = start;
    this.#left = limit;
  }

  /** Whether the reader's limit of entries is reached. */
  get complete(): boolean {
    return this.#left <= 0;
  }

  /** The request for the rest of the read. */
  request(): ReadRequest {
    const limit = this.#left === Infinity || this.#filtersByTime ? 0 : this.#left;
    return readRequest(this.#options, {
      start: this.#start,
      keptExitsAfter: this.#keptExitsAfter,
      limit,
    });
  }

  /** The part of a message that the reader asked for. */
  wanted(message: ReadMessage): ReadMessage {
    if (message.kind !== 'entries') return message;
    const inTime = this.#filtersByTime
      ? message.entries.filter((entry) => this.#isInTime(entry))
      : message.entries;
    const entries = inTime.slice(0, this.#left);
    const last = entries.at(-1);
    if (last === undefined) return { kind: 'progress', cursor: message.cursor };
    return {
      kind: 'entries',
      entries,
      keptExits: message.keptExits,
      cursor: entries.length < inTime.length ? last.cursor : message.cursor,
    };
  }

  /** Moves on after a message that the reader has handled. */
  handled(message: ReadMessage | Shutdown): void {
    if (message.kind === 'entries') this.#left -= message.entries.length;
    if (message.kind === 'entries' && message.keptExits) {
      this.#keptExitsAfter = message.cursor;
      return;
    }
    // After a shutdown at the very start, kept exits may not have been sent yet.
    if (message.kind === 'shutdown' && this.#startsInThePast) return;
    this.#keptExitsAfter = '';
    if (message.cursor !== '') {
      this.#start = { after: message.cursor };
      if (message.kind === 'caught up') this.#since = undefined;
    } else if (this.#start === 'now') {
      // The history was empty then, so all that it holds later came after "now".
      this.#start = 'earliest';
    }
  }

  get #startsInThePast(): boolean {
    return (
      this.#start === 'earliest' || (typeof this.#start === 'object' && 'since' in this.#start)
    );
  }

  /**
   * Whether this side must filter by time: a request has one start, and after a cursor it has no
   * time. The limit is then up to this side, too.
   */
  get #filtersByTime(): boolean {
    return this.#since !== undefined && typeof this.#start === 'object' && 'after' in this.#start;
  }

  #isInTime({ timestamp }: Entry): boolean {
    return (
      this.#since === undefined ||
      timestamp === undefined ||
      nanosFromTimestamp(timestamp) >= this.#since
    );
  }
}
