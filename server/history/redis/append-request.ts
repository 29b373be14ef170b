import { entrySize } from '../entry-size.js';
import type { Planned } from './commit-plan.js';
import type { Keys } from './keys.js';
import { packEntries } from './packed-entries.js';
import { fingerprintText } from './rows.js';
import type { Argument, Reply } from './script.js';
import { sortableTime, timeOfSortable } from './sortable-time.js';

/** What append.lua takes of a commit. */
export interface AppendRequest {
  /** The lists that its entries are filed in. */
  readonly lists: readonly string[];
  /** From ARGV[9] on, see append.lua. */
  readonly args: readonly Argument[];
  /** In the order in which the script counts them. */
  readonly dedupeKeys: readonly Uint8Array[];
}

/** Whoever wants one entry of a row makes Redis look at all of it. */
export const ROW = { items: 1000, bytes: 512 * 1024 };

/** @param entries at least one */
export function appendRequest(entries: readonly Planned[], keys: Keys): AppendRequest {
  const lists = new Map<string, number[]>();
  const dedupeKeys: Uint8Array[] = [];
  let places = '';
  entries.forEach(({ filing, fingerprint, dedupeKey }, index) => {
    file(index, keys.listOf(filing), lists);
    if (dedupeKey === undefined) return;
    dedupeKeys.push(dedupeKey);
    places += String(index).padStart(6, '0') + fingerprintText(fingerprint);
  });
  const rows = rowsOf(entries);
  return {
    lists: [...lists.keys()],
    args: [
      packLists([...lists.values()]),
      rows.length,
      ...rows.flatMap(rowArguments),
      packKeys(dedupeKeys),
      places,
    ],
    dedupeKeys,
  };
}

function rowsOf(entries: readonly Planned[]): Planned[][] {
  const rows: Planned[][] = [];
  let row: Planned[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (row.length === 0 || row.length >= ROW.items || bytes >= ROW.bytes) {
      rows.push((row = []));
      bytes = 0;
    }
    row.push(entry);
    bytes += entry.bytes.length;
  }
  return rows;
}

function rowArguments(row: readonly Planned[]): Argument[] {
  let latest = row[0]?.timestamp ?? 0n;
  let bytes = 0;
  for (const { timestamp, bytes: envelope } of row) {
    if (timestamp > latest) latest = timestamp;
    bytes += entrySize(envelope.length);
  }
  const fingerprint = fingerprintText(row.at(-1)?.fingerprint ?? 0);
  return [row.length, sortableTime(latest), fingerprint, bytes, packEntries(row)];
}

function file(index: number, list: string | undefined, lists: Map<string, number[]>): void {
  if (list === undefined) return;
  const filed = lists.get(list);
  if (filed === undefined) lists.set(list, [index]);
  else filed.push(index);
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

/** What append.lua has done. */
export type AppendReply =
  | {
      readonly kind: 'stored';
      readonly first: number;
      readonly storedAt: bigint;
      readonly dedupeLost: boolean;
    }
  | { readonly kind: 'duplicates'; readonly found: readonly FoundDuplicate[] };

/** Which of the request's dedupe keys was found, and where the first of its kind is. */
export interface FoundDuplicate {
  readonly key: number;
  readonly offset: number;
  readonly fingerprint: number;
}

export function parseAppendReply(reply: Reply): AppendReply {
  const [outcome, ...rest] = reply as [Buffer, ...Reply[]];
  if (outcome.toString() === 'STORED') {
    const [first, storedAt, lost] = rest as [number, Buffer, number];
    const time = timeOfSortable(storedAt.toString('latin1'));
    return { kind: 'stored', first, storedAt: time, dedupeLost: lost === 1 };
  }
  const [numbers] = rest as [readonly number[]];
  const found = Array.from({ length: numbers.length / 3 }, (_, i) => {
    const [key, offset, fingerprint] = numbers.slice(3 * i, 3 * i + 3) as [number, number, number];
    return { key: key - 1, offset, fingerprint };
  });
  return { kind: 'duplicates', found };
}
