import { FoghornError } from '../../../protocol/errors.js';
import { latestEntryTime } from '../entry-time.js';
import { keyText } from '../duplicates.js';
import { GroupCommit } from '../group-commit.js';
import type {
  Appended,
  Entry,
  EntryPosition,
  NewEntry,
  StoreObserver,
  StoreSettings,
} from '../store.js';
import { appendRequest, parseAppendReply, ROW_LIMITS } from './append-request.js';
import type { AppendReply, AppendRequest } from './append-request.js';
import { CommitPlan } from './commit-plan.js';
import type { RedisStoreOptions } from './connections.js';
import { HistoryChanged } from './redis-error.js';
import { Script } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime } from './sortable-time.js';
import type { TailDelivery } from './tail-delivery.js';

const APPEND = new Script('history', 'lineage', 'append');

const DEDUPE_LOST =
  'dedupe records were removed from Redis by another client: duplicates of older events may be stored';

const CLOCK_WRONG =
  'the clock of this broker differs from that of Redis by more than a day: events are stored with the time of Redis';

const NANOS_PER_SECOND = 1_000_000_000n;

type Calls = readonly (readonly NewEntry[])[];

interface StoredCalls {
  readonly answers: Appended[][];
  readonly entries: readonly Entry[];
}

/** Appends to the history, with one script for each group commit. */
export class Appender {
  readonly #commits: GroupCommit<NewEntry, Appended>;
  #isClockWrong = false;

  constructor(
    private readonly session: Session,
    private readonly tail: TailDelivery,
    private readonly settings: Pick<StoreSettings, 'clock' | 'dedupeWindow'> & {
      readonly observer: Pick<StoreObserver, 'committed' | 'failed'>;
    },
    private readonly options: RedisStoreOptions,
  ) {
    const commit = (calls: Calls): Promise<Appended[][]> => this.#commit(calls);
    this.#commits = new GroupCommit(commit, ROW_LIMITS, settings.observer);
  }

  /** See EventStore.append. */
  append(entries: readonly NewEntry[]): Promise<Appended[]> {
    return this.#commits.add(entries);
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
    // Nothing was stored in the previous history, so the entries may go into the current one.
    return this.#store(calls);
  }

  async #store(calls: Calls): Promise<Appended[][]> {
    const history = await this.session.current();
    const storing = this.#run(history, calls);
    this.tail.expect(storing);
    const { answers, entries } = await storing;
    await this.#deliverUpTo(history, answers, entries);
    if (this.session.history === history) return answers;
    // Stored, but perhaps gone with its history. A retry with the publish id stores it once.
    throw new FoghornError('UNAVAILABLE', 'the history was replaced while the event was stored');
  }

  async #run(history: KnownHistory, calls: Calls): Promise<StoredCalls> {
    const known = new Map<string, EntryPosition>();
    for (;;) {
      const { dedupeWindow } = this.settings;
      const plan = new CommitPlan(calls, known, dedupeWindow, history.delivered.offset);
      if (plan.stored.length === 0) return { answers: plan.answers(0), entries: [] };
      const request = appendRequest(plan.stored, history.keys);
      const reply = await this.#send(history, request);
      if (reply.kind === 'stored') return this.#stored(history, plan, reply);
      for (const { key, ...original } of reply.found) {
        known.set(keyText(request.dedupeKeys[key] ?? new Uint8Array()), original);
      }
    }
  }

  async #send(history: KnownHistory, { lists, args }: AppendRequest): Promise<AppendReply> {
    const { entries: window, age } = this.settings.dedupeWindow;
    const now = this.settings.clock();
    const times = [now, latestEntryTime(now), now - age].map(sortableTime);
    const { listPrefixBytes } = history.keys;
    const clock = [this.options.clockTolerance ?? '', Number(age / NANOS_PER_SECOND)];
    const all = [...times, ...clock, window, listPrefixBytes, ...args];
    return parseAppendReply(await this.session.run(history, APPEND, { lists, args: all }));
  }

  #stored(
    history: KnownHistory,
    plan: CommitPlan,
    { first, storedAt, dedupeLost, isClockWrong }: Extract<AppendReply, { kind: 'stored' }>,
  ): StoredCalls {
    if (dedupeLost) this.options.warn(DEDUPE_LOST);
    if (isClockWrong && !this.#isClockWrong) this.options.warn(CLOCK_WRONG);
    this.#isClockWrong = isClockWrong;
    const entries = plan.stored.map(({ bytes: envelope, fingerprint }, index) => {
      return { offset: first + index, storedAt, fingerprint, envelope };
    });
    this.tail.deliver(history, entries);
    return { answers: plan.answers(first), entries };
  }

  /** Delivers entries that other brokers have stored before ours, then ours. */
  async #deliverUpTo(
    history: KnownHistory,
    answers: readonly (readonly Appended[])[],
    entries: readonly Entry[],
  ): Promise<void> {
    const [own] = entries;
    const newest = own === undefined ? newestOf(answers) : own.offset - 1;
    try {
      await this.tail.catchUp(history, newest);
    } catch {
      // The entries are stored. The tail watcher delivers them once Redis answers again.
    }
    this.tail.deliver(history, entries);
  }
}

function newestOf(answers: readonly (readonly Appended[])[]): number {
  return answers.flat().reduce((newest, { offset }) => Math.max(newest, offset), 0);
}
