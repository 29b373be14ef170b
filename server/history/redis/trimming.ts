import { FoghornError } from '../../../protos/errors.js';
import type { Entry, Retention, StoreSettings, Trimmed } from '../store.js';
import { isOver } from '../trim-point.js';
import { readRows } from './reads.js';
import { Script, type Argument } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime } from './sortable-time.js';

const OVER_BUDGET = new Script('history', 'lineage', 'dedupe-window', 'search', 'over-budget');
const TRIM = new Script('history', 'lineage', 'dedupe-window', 'trim');

/** What a step takes at most, so that Redis is soon there for others again. */
const STEP = { entries: 500, bytes: 2 * 1024 * 1024 };

/** What becomes of a row, as trim.lua takes it. */
const FATE = { entry: 0, kept: 1, exit: 2 } as const;
const ROW_BYTES = 8 + 4 + 1;

interface Leaving {
  readonly entry: Entry;
  readonly fate: number;
}

/** What is over budget at a moment. */
interface OverBudget {
  readonly first: number;
  /** The first entry that stays. */
  readonly point: number;
  readonly exits: boolean;
  readonly dedupe: boolean;
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
    const leaving = [
      ...(await this.#entries(history, over)),
      ...(over.exits ? await this.#exits(history, retention, now) : []),
    ];
    const removed = await this.#remove(history, over.first, leaving, now);
    return { removed, done: isNothing(await this.#overBudget(history, retention, now)) };
  }

  async #overBudget(history: KnownHistory, retention: Retention, now: bigint): Promise<OverBudget> {
    const { age, bytes, entries, exitsAge } = retention;
    const args = [
      entries ?? '',
      bytes ?? '',
      age === undefined ? '' : sortableTime(now - age),
      exitsAge === undefined ? '' : sortableTime(now - exitsAge),
      ...this.#dedupeWindow(now),
    ];
    const reply = await this.session.run(history, OVER_BUDGET, { args });
    const [first, point, exits, dedupe] = reply as [number, number, number, number];
    return { first, point, exits: exits === 1, dedupe: dedupe === 1 };
  }

  async #entries(history: KnownHistory, { first, point }: OverBudget): Promise<Leaving[]> {
    if (point <= first) return [];
    const range = { stream: 'entries', after: first - 1, to: point - 1, limit: STEP } as const;
    const entries = await readRows(this.session, history, range);
    return entries.map((entry) => {
      const { outlasts } = this.settings.filingOf(entry.envelope);
      return { entry, fate: outlasts ? FATE.kept : FATE.entry };
    });
  }

  async #exits(history: KnownHistory, { exitsAge }: Retention, now: bigint): Promise<Leaving[]> {
    const range = { stream: 'exits', after: 0, to: Number.MAX_SAFE_INTEGER, limit: STEP } as const;
    const exits = await readRows(this.session, history, range);
    const over = exits.filter(({ storedAt }) => isOver(exitsAge, storedAt, now));
    return over.map((entry) => ({ entry, fate: FATE.exit }));
  }

  async #remove(
    history: KnownHistory,
    first: number,
    leaving: readonly Leaving[],
    now: bigint,
  ): Promise<number> {
    const { sets, packed } = this.#pack(history, leaving);
    const entries = leaving.filter(({ fate }) => fate !== FATE.exit).length;
    const { setPrefixBytes } = history.keys;
    const args = [first, first + entries, setPrefixBytes, ...this.#dedupeWindow(now), packed];
    return (await this.session.run(history, TRIM, { sets, args })) as number;
  }

  #pack(
    { keys }: KnownHistory,
    leaving: readonly Leaving[],
  ): { sets: readonly string[]; packed: Buffer } {
    const sets: string[] = [];
    const indexes = new Map<string | undefined, number>([[undefined, 0]]);
    const packed = Buffer.allocUnsafe(leaving.length * ROW_BYTES);
    let at = 0;
    for (const { entry, fate } of leaving) {
      const set = keys.setOf(this.settings.filingOf(entry.envelope));
      if (set !== undefined && !indexes.has(set)) {
        indexes.set(set, keys.fixed.length + sets.push(set));
      }
      at = packed.writeDoubleBE(entry.offset, at);
      at = packed.writeUInt32BE(indexes.get(set) ?? 0, at);
      at = packed.writeUInt8(fate, at);
    }
    return { sets, packed };
  }

  #dedupeWindow(now: bigint): Argument[] {
    const { entries, age } = this.settings.dedupeWindow;
    return [sortableTime(now - age), entries];
  }
}

function isNothing({ first, point, exits, dedupe }: OverBudget): boolean {
  return point <= first && !exits && !dedupe;
}
