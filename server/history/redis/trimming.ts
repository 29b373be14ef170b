import { FoghornError } from '../../../protocol/errors.js';
import { entrySize } from '../entry-size.js';
import { ENTRY_OVERHEAD } from '../store.js';
import type { Entry, Retention, StoreSettings, Trimmed } from '../store.js';
import { isOver } from '../trim-point.js';
import { readEntries, readExits } from './reads.js';
import { exitInfo } from './rows.js';
import { Script, type Argument } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime } from './sortable-time.js';

const OVER_BUDGET = new Script('history', 'lineage', 'search', 'over-budget');
const TRIM = new Script('history', 'lineage', 'trim');

/** What a step takes at most, so that Redis is soon there for others again. */
const STEP = { entries: 1000, bytes: 2 * 1024 * 1024 };

/** What is over budget at a moment. */
interface OverBudget {
  readonly first: number;
  /** The first entry that stays. */
  readonly point: number;
  readonly exits: boolean;
}

/** What a step takes away. */
interface Step {
  readonly first: number;
  readonly entries: readonly Entry[];
  readonly exits: readonly Entry[];
}

/** Takes the steps by which a history is trimmed. */
export class Trimming {
  constructor(
    private readonly session: Session,
    private readonly settings: StoreSettings,
  ) {}

  /** See EventStore.trim. */
  async step(retention: Retention): Promise<Trimmed> {
    try {
      return await this.#step(retention);
    } catch (error) {
      // Another broker has trimmed meanwhile what this one was about to.
      if (error instanceof FoghornError && error.code === 'OUT_OF_RANGE') {
        return { removed: 0, done: false };
      }
      throw error;
    }
  }

  async #step(retention: Retention): Promise<Trimmed> {
    const history = await this.session.current();
    const now = this.settings.clock();
    const over = await this.#overBudget(history, retention, now);
    if (isNothing(over)) return { removed: 0, done: true };
    const { first, point } = over;
    const entries =
      point > first ? await readEntries(this.session, history, first - 1, point - 1, STEP) : [];
    const exits = over.exits ? await this.#exitsOver(history, retention, now) : [];
    const removed = await this.#remove(history, { first, entries, exits });
    return { removed, done: isNothing(await this.#overBudget(history, retention, now)) };
  }

  async #overBudget(history: KnownHistory, retention: Retention, now: bigint): Promise<OverBudget> {
    const { age, bytes, entries, exitsAge } = retention;
    const args = [
      entries ?? '',
      bytes ?? '',
      age === undefined ? '' : sortableTime(now - age),
      exitsAge === undefined ? '' : sortableTime(now - exitsAge),
      ENTRY_OVERHEAD,
    ];
    const reply = await this.session.run(history, OVER_BUDGET, { args });
    const [first, point, exits] = reply as [number, number, number];
    return { first, point, exits: exits === 1 };
  }

  async #exitsOver(history: KnownHistory, { exitsAge }: Retention, now: bigint): Promise<Entry[]> {
    const exits = await readExits(this.session, history, 0, STEP);
    return exits.filter(({ storedAt }) => isOver(exitsAge, storedAt, now));
  }

  async #remove(history: KnownHistory, { first, entries, exits }: Step): Promise<number> {
    const { filingOf } = this.settings;
    const kept = entries.filter(({ envelope }) => filingOf(envelope).outlasts);
    const gone = entries.filter(({ envelope }) => !filingOf(envelope).outlasts);
    const { lists, leaving } = this.#leaving(history, [...gone, ...exits]);
    const args: Argument[] = [
      first,
      first + entries.length,
      entries.reduce((sum, { envelope }) => sum + entrySize(envelope.length), 0),
      history.keys.listPrefixBytes,
      leaving,
      exits.length,
      ...exits.map(({ offset }) => offset),
      ...kept.flatMap(keptArguments),
    ];
    return (await this.session.run(history, TRIM, { lists, args })) as number;
  }

  /** What leaves its list for good, as trim.lua takes it. */
  #leaving(
    { keys }: KnownHistory,
    entries: readonly Entry[],
  ): { lists: readonly string[]; leaving: Buffer } {
    const lists = new Map<string, number>();
    const rows = entries.flatMap(({ offset, envelope }) => {
      const list = keys.listOf(this.settings.filingOf(envelope));
      if (list === undefined) return [];
      const index = lists.get(list) ?? keys.fixed.length + lists.size + 1;
      lists.set(list, index);
      const row = Buffer.allocUnsafe(12);
      row.writeUInt32BE(index, row.writeDoubleBE(offset, 0));
      return [row];
    });
    return { lists: [...lists.keys()], leaving: Buffer.concat(rows) };
  }
}

function isNothing({ first, point, exits }: OverBudget): boolean {
  return point <= first && !exits;
}

function keptArguments({ offset, storedAt, fingerprint, envelope }: Entry): Argument[] {
  const e = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  return [offset, exitInfo(sortableTime(storedAt), fingerprint), e];
}
