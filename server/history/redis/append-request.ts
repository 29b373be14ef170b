import { entrySize } from '../entry-size.js';
import type { EntryPosition } from '../store.js';
import type { PlannedEntry } from './commit-plan.js';
import type { Keys } from './keys.js';
import { packEntries } from './packed-entries.js';
import { fingerprintText } from './rows.js';
import type { Argument, Reply } from './script.js';
import { sortableTime, timeOfSortable } from './sortable-time.js';

/** The arguments of append.lua for a commit. */
export interface AppendRequest {
  /** The lists that its entries belong to. */
  readonly lists: readonly string[];
  /** ARGV[11] and following, see append.lua. */
  readonly args: readonly Argument[];
  /** In the order in which the script numbers them. */
  readonly dedupeKeys: readonly Uint8Array[];
}

/** Limits of a row. Redis reads a row whole for a single entry of it, so rows stay small. */
export const ROW_LIMITS = { items: 1000, bytes: 512 * 1024 };

/** @param entries at least one */
export function appendRequest(entries: readonly PlannedEntry[], keys: Keys): AppendRequest {
  const lists = new Map<string, number[]>();
  const dedupeKeys: Uint8Array[] = [];
  let origins = '';
  entries.forEach(({ key, fingerprint, dedupeKey }, index) => {
    if (key !== undefined) addToList(index, keys.listOf(key), lists);
    if (dedupeKey === undefined) return;
    dedupeKeys.push(dedupeKey);
    origins += String(index).padStart(6, '0') + fingerprintText(fingerprint);
  });
  const rows = rowsOf(entries);
  return {
    lists: [...lists.keys()],
    args: [
      packLists([...lists.values()]),
      rows.length,
      ...rows.flatMap(rowArguments),
      packKeys(dedupeKeys),
      origins,
    ],
    dedupeKeys,
  };
}

function rowsOf(entries: readonly PlannedEntry[]): PlannedEntry[][] {
  const rows: PlannedEntry[][] = [];
  let row: PlannedEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (row.length === 0 || row.length >= ROW_LIMITS.items || bytes >= ROW_LIMITS.bytes) {
      rows.push((row = []));
      bytes = 0;
    }
    row.push(entry);
    bytes += entry.bytes.length;
  }
  return rows;
}

function rowArguments(row: readonly PlannedEntry[]): Argument[] {
  let latest = row[0]?.time ?? 0n;
  let bytes = 0;
  for (const { time, bytes: envelope } of row) {
    if (time > latest) latest = time;
    bytes += entrySize(envelope.length);
  }
  const fingerprint = fingerprintText(row.at(-1)?.fingerprint ?? 0);
  return [row.length, sortableTime(latest), fingerprint, bytes, packEntries(row)];
}

function addToList(index: number, list: string, lists: Map<string, number[]>): void {
  const indexes = lists.get(list);
  if (indexes === undefined) lists.set(list, [index]);
  else indexes.push(index);
}

function packLists(lists: readonly (readonly number[])[]): Buffer {
  const numbers = lists.flatMap((indexes) => [indexes.length, ...indexes]);
  const packed = Buffer.allocUnsafe(4 * numbers.length);
  numbers.forEach((number, i) => packed.writeUInt32BE(number, 4 * i));
  return packed;
}

function packKeys(keys: readonly Uint8Array[]): Buffer {
  const packed = Buffer.allocUnsafe(keys.reduce((sum, { length }) => sum + 1 + length, 0));
  let at = 0;
  for (const key of keys) {
    at = packed.writeUInt8(key.length, at);
    packed.set(key, at);
    at += key.length;
  }
  return packed;
}

/** The outcome of append.lua. */
export type AppendReply =
  | {
      readonly kind: 'stored';
      readonly first: number;
      readonly storedAt: bigint;
      readonly dedupeLost: boolean;
      /** Whether the clock of Redis counted, because the caller's differs too much. */
      readonly isClockWrong: boolean;
    }
  | { readonly kind: 'duplicates'; readonly found: readonly FoundDuplicate[] };

/** The original of one of the request's dedupe keys. */
export interface FoundDuplicate extends EntryPosition {
  /** Index in `AppendRequest.dedupeKeys`. */
  readonly key: number;
}

export function parseAppendReply(reply: Reply): AppendReply {
  const [outcome, ...rest] = reply as [Buffer, ...Reply[]];
  if (outcome.toString() === 'STORED') {
    const [first, storedAt, lost, wrong] = rest as [number, Buffer, number, number];
    const time = timeOfSortable(storedAt.toString('latin1'));
    const isClockWrong = wrong === 1;
    return { kind: 'stored', first, storedAt: time, dedupeLost: lost === 1, isClockWrong };
  }
  const [numbers] = rest as [readonly number[]];
  const found = Array.from({ length: numbers.length / 3 }, (_, i) => {
    const [key, offset, fingerprint] = numbers.slice(3 * i, 3 * i + 3) as [number, number, number];
    return { key: key - 1, offset, fingerprint };
  });
  return { kind: 'duplicates', found };
}
