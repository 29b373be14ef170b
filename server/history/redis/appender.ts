import { FoghornError } from '../../../protocol/errors.js';
import { latestEntryTime } from '../entry-time.js';
import { keyText, type Place } from '../duplicates.js';
import { GroupCommit } from '../group-commit.js';
import type { Appended, EncodedEnvelope, Entry, StoreSettings } from '../store.js';
import { appendRequest, parseAppendReply, ROW } from './append-request.js';
import type { AppendReply, AppendRequest } from './append-request.js';
import { CommitPlan } from './commit-plan.js';
import { HistoryChanged } from './redis-error.js';
import { Script } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime } from './sortable-time.js';
import type { TailDelivery } from './tail-delivery.js';

const APPEND = new Script('history', 'lineage', 'append');

const DEDUPE_LOST =
  'dedupe records were removed from Redis by somebody else: what comes again may be stored again';

type Calls = readonly (readonly EncodedEnvelope[])[];

interface Stored {
  readonly answers: Appended[][];
  readonly entries: readonly Entry[];
}

/** Appends to the history, one script for each group commit. */
export class Appender {
  readonly #commits = new GroupCommit((calls: Calls) => this.#commit(calls), ROW);

  /** @param warn told when dedupe records were removed by somebody else */
  constructor(
    private readonly session: Session,
    private readonly telling: TailDelivery,
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
    const known = new Map<string, Omit<Place, 'storedAt'>>();
    for (;;) {
      const { dedupeWindow } = this.settings;
      const plan = new CommitPlan(calls, known, dedupeWindow, history.told.offset);
      if (plan.stored.length === 0) return { answers: plan.answers(0), entries: [] };
      const request = appendRequest(plan.stored, history.keys);
      const reply = await this.#send(history, request);
      if (reply.kind === 'stored') return this.#stored(history, plan, reply);
      for (const { key, ...place } of reply.found) {
        known.set(keyText(request.dedupeKeys[key] ?? new Uint8Array()), place);
      }
    }
  }

  async #send(history: KnownHistory, { lists, args }: AppendRequest): Promise<AppendReply> {
    const { entries: window, age } = this.settings.dedupeWindow;
    const now = this.settings.clock();
    const times = [now, latestEntryTime(now), now - age].map(sortableTime);
    const { listPrefixBytes } = history.keys;
    const all = [...times, window, listPrefixBytes, ...args];
    return parseAppendReply(await this.session.run(history, APPEND, { lists, args: all }));
  }

  #stored(
    history: KnownHistory,
    plan: CommitPlan,
    { first, storedAt, dedupeLost }: Extract<AppendReply, { kind: 'stored' }>,
  ): Stored {
    if (dedupeLost) this.warn(DEDUPE_LOST);
    const entries = plan.stored.map(({ bytes: envelope, fingerprint }, index) => {
      return { offset: first + index, storedAt, fingerprint, envelope };
    });
    this.telling.tell(history, entries);
    return { answers: plan.answers(first), entries };
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
