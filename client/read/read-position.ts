import { FoghornError } from '../../protocol/errors.js';
import { readRequest } from './read-options.js';
import type { ReadOptions, ReadStart } from './read-options.js';
import type { ReadMessage, Shutdown } from './read-message.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { Entry, ReadRequest } from '../../protos/gen/foghorn/v1/history.js';

/** How far one reader has come, and thereby what it still has to ask for. */
export class ReadPosition {
  readonly #options: ReadOptions;
  /** What is older is left out of the replay. Undefined from when that is over: what is reported late is not. */
  #since: bigint | undefined;
  #start: ReadStart;
  /** The last kept exit that was handled; they have no place that a read could start after. */
  #keptExitsAfter = '';
  #left: number;

  /** @throws FoghornError INVALID_ARGUMENT when the limit is no whole number above 0. */
  constructor(options: ReadOptions) {
    const { limit = Infinity } = options;
    if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit > 0)) {
      throw new FoghornError(
        'INVALID_ARGUMENT',
        `limit ${limit}: expected a whole number, 1 or more`,
      );
    }
    const start = options.start ?? 'now';
    this.#options = options;
    this.#since = typeof start === 'object' && 'since' in start ? start.since : undefined;
    this.#start = start;
    this.#left = limit;
  }

  /** Whether as many entries as the reader asked for were handled. */
  get complete(): boolean {
    return this.#left <= 0;
  }

  /** What to ask the broker for, now. */
  request(): ReadRequest {
    const limit = this.#left === Infinity || this.#filtersByTime ? 0 : this.#left;
    return readRequest(this.#options, {
      start: this.#start,
      keptExitsAfter: this.#keptExitsAfter,
      limit,
    });
  }

  /** What of a message the reader asked for. */
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

  /** Goes on after a message that the reader is done with. */
  handled(message: ReadMessage | Shutdown): void {
    if (message.kind === 'entries') this.#left -= message.entries.length;
    if (message.kind === 'entries' && message.keptExits) {
      this.#keptExitsAfter = message.cursor;
      return;
    }
    // A shutdown before anything was reached: there may be kept exits that were not sent.
    if (message.kind === 'shutdown' && this.#startsInThePast) return;
    this.#keptExitsAfter = '';
    if (message.cursor !== '') {
      this.#start = { after: message.cursor };
      if (message.kind === 'caught up') this.#since = undefined;
    } else if (this.#start === 'now') {
      // The history was empty then, so whatever it holds later came after "now".
      this.#start = 'earliest';
    }
  }

  get #startsInThePast(): boolean {
    return (
      this.#start === 'earliest' || (typeof this.#start === 'object' && 'since' in this.#start)
    );
  }

  /** A request has one start only: one after a cursor leaves the time to us, and therefore the limit too. */
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
