import { entrySize } from '../entry-size.js';
import { upTo } from '../read-limit.js';
import {
  ENTRY_OVERHEAD,
  UNCLASSIFIED,
  type Classification,
  type Entry,
  type Retention,
  type StoreSettings,
  type Trimmed,
} from '../store.js';
import { isOver } from '../trim-point.js';
import type { RedisStoreOptions } from './connections.js';
import { isIntact } from './packed-entries.js';
import { readLasting, readStored } from './reads.js';
import { lastingInfo } from './rows.js';
import { Script, type Argument } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime } from './sortable-time.js';

const OVER_BUDGET = new Script('history', 'lineage', 'search', 'lasting-bytes', 'over-budget');
const TRIM = new Script('history', 'lineage', 'lasting-bytes', 'trim');

const NANOS_PER_SECOND = 1_000_000_000n;

/** Limits of one step, so that Redis soon answers other clients again. */
const TRIM_STEP_LIMIT = { entries: 1000, bytes: 2 * 1024 * 1024 };

/** The excess over the retention at a moment. */
interface OverBudget {
  readonly first: number;
  /** The first entry that stays. */
  readonly point: number;
  /** Whether kept lasting entries are over their age. */
  readonly isLastingOverAge: boolean;
  /** Bytes by which kept lasting entries are over their limit. */
  readonly lastingBytes: number;
}

/** The entries that a step removes. */
interface Step {
  readonly first: number;
  readonly entries: readonly Entry[];
  readonly lasting: readonly Entry[];
}

/** Trims a history in steps. */
export class Trimming {
  constructor(
    private readonly session: Session,
    private readonly settings: StoreSettings,
    private readonly options: RedisStoreOptions,
  ) {}

  /** See EventStore.trim. */
  async step(retention: Retention): Promise<Trimmed> {
    const history = await this.session.current();
    const now = await this.#now();
    const over = await this.#overBudget(history, retention, now);
    if (isNothing(over)) return { removed: 0, done: true };
    const step = await this.#plan(history, over, retention, now);
    // Another broker has trimmed the same entries meanwhile.
    if (step === undefined) return { removed: 0, done: false };
    const removed = await this.#remove(history, step);
    return { removed, done: isNothing(await this.#overBudget(history, retention, now)) };
  }

  /** The time of the broker, or that of Redis if the broker's differs too much. */
  async #now(): Promise<bigint> {
    const { clockTolerance } = this.options;
    if (clockTolerance === undefined) return this.settings.clock();
    const time = await this.session.time();
    const now = this.settings.clock();
    const tolerance = BigInt(clockTolerance) * NANOS_PER_SECOND;
    return now - time > tolerance || time - now > tolerance ? time : now;
  }

  async #overBudget(history: KnownHistory, retention: Retention, now: bigint): Promise<OverBudget> {
    const { age, bytes, entries, lastingAge, lastingBytes, holds = [] } = retention;
    const args = [
      entries ?? '',
      bytes ?? '',
      age === undefined ? '' : sortableTime(now - age),
      lastingAge === undefined ? '' : sortableTime(now - lastingAge),
      ENTRY_OVERHEAD,
      lastingBytes ?? '',
      ...holds.flatMap(({ after, bytes: most }) => [after, most]),
    ];
    const reply = await this.session.run(history, OVER_BUDGET, { args });
    const [first, point, overAge, overBytes] = reply as [number, number, number, number];
    return { first, point, isLastingOverAge: overAge === 1, lastingBytes: overBytes };
  }

  /** Undefined when the entries are gone already. */
  async #plan(
    history: KnownHistory,
    over: OverBudget,
    retention: Retention,
    now: bigint,
  ): Promise<Step | undefined> {
    const { first, point } = over;
    const expired = await this.#excessLasting(history, over, retention, now);
    if (point <= first) return { first, entries: [], lasting: expired };
    const read = await readStored(this.session, history, first - 1, point - 1, TRIM_STEP_LIMIT);
    if (typeof read === 'number') return undefined;
    return { first, entries: upTo(TRIM_STEP_LIMIT, read), lasting: expired };
  }

  async #excessLasting(
    history: KnownHistory,
    { isLastingOverAge, lastingBytes }: OverBudget,
    { lastingAge }: Retention,
    now: bigint,
  ): Promise<Entry[]> {
    if (!isLastingOverAge && lastingBytes <= 0) return [];
    const lasting = await readLasting(this.session, history, 0, TRIM_STEP_LIMIT);
    let left = lastingBytes;
    const kept = lasting.findIndex(({ storedAt, envelope }) => {
      if (left <= 0 && !isOver(lastingAge, storedAt, now)) return true;
      left -= entrySize(envelope.length);
      return false;
    });
    return kept === -1 ? lasting : lasting.slice(0, kept);
  }

  async #remove(history: KnownHistory, { first, entries, lasting }: Step): Promise<number> {
    // A damaged entry is not kept, because it could not be read.
    const isLasting = (entry: Entry): boolean =>
      this.#classify(entry).retention === 'lasting' && isIntact(entry);
    const kept = entries.filter(isLasting);
    const gone = entries.filter((entry) => !isLasting(entry));
    const { lists, leaving } = this.#leaving(history, [...gone, ...lasting]);
    const args: Argument[] = [
      first,
      first + entries.length,
      sizeOf(entries),
      history.keys.listPrefixBytes,
      leaving,
      lasting.length,
      sizeOf(kept) - sizeOf(lasting),
      ENTRY_OVERHEAD,
      ...lasting.map(({ offset }) => offset),
      ...kept.flatMap(keptArguments),
    ];
    return (await this.session.run(history, TRIM, { lists, args })) as number;
  }

  /** The offsets to remove from lists, as trim.lua expects them. */
  #leaving(
    { keys }: KnownHistory,
    entries: readonly Entry[],
  ): { lists: readonly string[]; leaving: Buffer } {
    const lists = new Map<string, number>();
    const rows = entries.flatMap((entry) => {
      const { key } = this.#classify(entry);
      if (key === undefined) return [];
      const list = keys.listOf(key);
      const index = lists.get(list) ?? keys.fixed.length + lists.size + 1;
      lists.set(list, index);
      const row = Buffer.allocUnsafe(12);
      row.writeUInt32BE(index, row.writeDoubleBE(entry.offset, 0));
      return [row];
    });
    return { lists: [...lists.keys()], leaving: Buffer.concat(rows) };
  }

  /** The classification of an envelope; none for one that is too damaged to decode. */
  #classify({ envelope }: Entry): Classification {
    try {
      return this.settings.classify(envelope);
    } catch {
      return UNCLASSIFIED;
    }
  }
}

function isNothing({ first, point, isLastingOverAge, lastingBytes }: OverBudget): boolean {
  return point <= first && !isLastingOverAge && lastingBytes <= 0;
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { envelope }) => sum + entrySize(envelope.length), 0);
}

function keptArguments({ offset, storedAt, fingerprint, envelope }: Entry): Argument[] {
  const e = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  return [offset, lastingInfo(sortableTime(storedAt), fingerprint), e];
}
