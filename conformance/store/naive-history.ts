import {
  ENTRY_OVERHEAD,
  type Bounds,
  type EncodedEnvelope,
  type ReadLimit,
  type Retention,
  type Scope,
} from '../../server/history/store.js';
import { DEDUPE_WINDOW } from './store-under-test.js';

export interface NaiveEntry {
  readonly offset: number;
  readonly storedAt: bigint;
  readonly envelope: EncodedEnvelope;
}

/** What a store is held to: plain arrays, looked through from one end to the other. */
export class NaiveHistory {
  /** Everything that was ever stored. */
  readonly #stored: NaiveEntry[] = [];
  #first = 1;
  #keptExits: NaiveEntry[] = [];

  /** Gives the entry for each envelope of one call, and whether it was there before. */
  append(envelopes: readonly EncodedEnvelope[], now: bigint): [NaiveEntry, duplicate: boolean][] {
    const ofCall: [NaiveEntry, boolean][] = [];
    for (const envelope of envelopes) {
      const storedAt = max(now, this.#stored.at(-1)?.storedAt ?? 0n);
      const known =
        ofCall.map(([entry]) => entry).find((entry) => isSame(entry, envelope)) ??
        this.#stored.find((entry) => isSame(entry, envelope) && this.#isRecent(entry, storedAt));
      const entry = known ?? { offset: this.#stored.length + 1, storedAt, envelope };
      if (known === undefined) this.#stored.push(entry);
      ofCall.push([entry, known !== undefined]);
    }
    return ofCall;
  }

  #isRecent({ offset, storedAt }: NaiveEntry, now: bigint): boolean {
    const since = this.#stored.length - offset;
    return since <= DEDUPE_WINDOW.entries && now - storedAt <= DEDUPE_WINDOW.age;
  }

  /** Undefined where some were trimmed. */
  read(after: number, limit: ReadLimit, scope: Scope | undefined): NaiveEntry[] | undefined {
    return after + 1 < this.#first ? undefined : take(this.#entries(), after, limit, scope);
  }

  readKeptExits(after: number, limit: ReadLimit, scope: Scope | undefined): NaiveEntry[] {
    return take(this.#keptExits, after, limit, scope);
  }

  #entries(): NaiveEntry[] {
    return this.#stored.slice(this.#first - 1);
  }

  bounds(): Omit<Bounds, 'storedBytes'> {
    const entries = this.#entries();
    return {
      first: this.#first,
      last: this.#stored.length,
      firstStoredAt: entries.at(0)?.storedAt ?? 0n,
      lastStoredAt: entries.at(-1)?.storedAt ?? 0n,
      entryBytes: sizeOf(entries),
      keptExits: this.#keptExits.length,
    };
  }

  /** Trims as far as it goes; gives how many entries and kept exits went. */
  trim(retention: Retention, now: bigint): number {
    let removed = 0;
    while (isOverBudget(this.#entries(), retention, now)) {
      const [oldest] = this.#entries();
      if (oldest!.envelope.filing.outlasts) this.#keptExits.push(oldest!);
      this.#first += 1;
      removed += 1;
    }
    const before = this.#keptExits.length;
    const { exitsAge } = retention;
    this.#keptExits = this.#keptExits.filter((exit) => !isOlder(exit, exitsAge, now));
    return removed + before - this.#keptExits.length;
  }

  /** The names of the containers in a namespace that there is something of. */
  containers(namespace: string): Set<string> {
    const keys = [...this.#keptExits, ...this.#entries()].map((entry) => entry.envelope.filing.key);
    return new Set(keys.flatMap((key) => (key?.namespace === namespace ? [key.container] : [])));
  }
}

function isOverBudget(entries: NaiveEntry[], retention: Retention, now: bigint): boolean {
  if (entries.length <= 1) return false;
  const { entries: most = Infinity, bytes = Infinity, age } = retention;
  return entries.length > most || sizeOf(entries) > bytes || isOlder(entries[0]!, age, now);
}

function isOlder({ storedAt }: NaiveEntry, age: bigint | undefined, now: bigint): boolean {
  return age !== undefined && now - storedAt > age;
}

function sizeOf(entries: readonly NaiveEntry[]): number {
  return entries.reduce((sum, { envelope }) => sum + envelope.bytes.length + ENTRY_OVERHEAD, 0);
}

function take(
  entries: readonly NaiveEntry[],
  after: number,
  limit: ReadLimit,
  scope: Scope | undefined,
): NaiveEntry[] {
  const taken: NaiveEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (entry.offset <= after || !isInScope(entry, scope)) continue;
    taken.push(entry);
    bytes += entry.envelope.bytes.length;
    if (taken.length >= limit.entries || bytes >= limit.bytes) break;
  }
  return taken;
}

function isInScope({ envelope }: NaiveEntry, scope: Scope | undefined): boolean {
  if (scope === undefined) return true;
  const { key, isLifecycle } = envelope.filing;
  const { namespace = key?.namespace, container } = scope.key;
  const isOfContainer = key?.namespace === namespace && key?.container === container;
  return isOfContainer && (isLifecycle || !scope.lifecycleOnly);
}

function isSame({ envelope }: NaiveEntry, { dedupeKey }: EncodedEnvelope): boolean {
  if (envelope.dedupeKey === undefined || dedupeKey === undefined) return false;
  return Buffer.compare(envelope.dedupeKey, dedupeKey) === 0;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
