import { FoghornError } from '../../../protos/errors.js';
import { latestEntryTime } from '../entry-time.js';
import { GroupCommit } from '../group-commit.js';
import { ENTRY_OVERHEAD } from '../store.js';
import type { Appended, EncodedEnvelope, Entry, StoreSettings } from '../store.js';
import { packEnvelopes, parseAppendReply, resultOf } from './append-request.js';
import { HistoryChanged } from './redis-error.js';
import { Script } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime } from './sortable-time.js';
import type { Telling } from './telling.js';

const APPEND = new Script('history', 'lineage', 'dedupe-window', 'append');

/** Redis does nothing else while it stores one, so commits are smaller than those of a store that is ours alone. */
const COMMIT = { items: 1000, bytes: 2 * 1024 * 1024 };

type Calls = readonly (readonly EncodedEnvelope[])[];

interface Stored {
  readonly answers: Appended[][];
  readonly entries: readonly Entry[];
}

/** Appends to the history, one script for each group commit. */
export class Appending {
  readonly #commits = new GroupCommit((calls: Calls) => this.#commit(calls), COMMIT);

  /** @param warn told when dedupe records were removed by somebody else */
  constructor(
    private readonly session: Session,
    private readonly telling: Telling,
    private readonly settings: Pick<StoreSettings, 'clock' | 'dedupeWindow'>,
    private readonly warn: (text: string) => void,
  ) {}

  /** See EventStore.append. */
  append(envelopes: readonly EncodedEnvelope[]): Promise<Appended[]> {
    return this.#commits.add(envelopes);
  }

  /** Resolves when everything appended so far is stored or has failed. */
  drained(): Promise<void> {
    return this.#commits.drained();
  }

  async #commit(calls: Calls): Promise<Appended[][]> {
    if (calls.every((call) => call.length === 0)) return calls.map(() => []);
    try {
      return await this.#store(calls);
    } catch (error) {
      if (!(error instanceof HistoryChanged)) throw error;
    }
    // Nothing was stored in the history of before, so it may be in the one that is there now.
    return this.#store(calls);
  }

  async #store(calls: Calls): Promise<Appended[][]> {
    const history = await this.session.current();
    const storing = this.#run(history, calls);
    this.telling.expect(storing);
    const { answers, entries } = await storing;
    await this.#tellUpTo(history, answers, entries);
    if (this.session.history === history) return answers;
    // It was, but may be gone; a publisher who tries again with its publish id has it once.
    throw new FoghornError('UNAVAILABLE', 'the history was changed as the event was stored');
  }

  async #run(history: KnownHistory, calls: Calls): Promise<Stored> {
    const request = packEnvelopes(calls, history.keys);
    const { entries: window, age } = this.settings.dedupeWindow;
    const now = this.settings.clock();
    const reply = await this.session.run(history, APPEND, {
      sets: request.sets,
      args: [
        sortableTime(now),
        sortableTime(latestEntryTime(now)),
        sortableTime(now - age),
        window,
        history.keys.setPrefixBytes,
        ENTRY_OVERHEAD,
        request.packed,
      ],
    });
    const stored = parseAppendReply(reply);
    if (stored.dedupeForgotten) {
      this.warn(
        'dedupe records were removed from Redis by somebody else: what was forwarded before may be stored again',
      );
    }
    const result = resultOf(calls, request, stored);
    this.telling.tell(history, result.entries);
    return result;
  }

  /** What others have stored before ours comes first; what is ours we have here. */
  async #tellUpTo(
    history: KnownHistory,
    answers: readonly (readonly Appended[])[],
    entries: readonly Entry[],
  ): Promise<void> {
    const [own] = entries;
    const newest = own === undefined ? newestOf(answers) : own.offset - 1;
    try {
      await this.telling.readOn(history, newest);
    } catch {
      // It is stored. The tail tells it once Redis answers again.
    }
    this.telling.tell(history, entries);
  }
}

function newestOf(answers: readonly (readonly Appended[])[]): number {
  return answers.flat().reduce((newest, { offset }) => Math.max(newest, offset), 0);
}
