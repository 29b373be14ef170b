import type { Damage, Entry } from '../../store.js';
import type { Tables } from '../tables/tables.js';

/** Key in the table meta of the ranges of entries that the store has lost, in JSON. */
const LOST_KEY = 'lost';

/**
 * Entries that the store had acknowledged and has lost with all their rows, ascending. Nothing says
 * under which keys they were.
 */
export type LostRanges = readonly Damage[];

export function lostRanges(meta: Pick<Tables['meta'], 'get'>): LostRanges {
  const ranges = JSON.parse(meta.get(LOST_KEY) ?? '[]') as [number, number][];
  return ranges.map(([from, to]) => ({ kind: 'damaged', from, to }));
}

/** Adds ranges to those in the table; returns all of them once they are flushed. */
export function addLostRanges(
  meta: Pick<Tables['meta'], 'get' | 'putSync'>,
  added: LostRanges,
): LostRanges {
  const lost = sorted([...lostRanges(meta), ...added]);
  if (added.length > 0) meta.putSync(LOST_KEY, encode(lost));
  return lost;
}

/**
 * Adds those of the ranges that are not in the table; returns all of them. Must be called in a
 * batch.
 */
export function putLostRanges(
  meta: Pick<Tables['meta'], 'get' | 'put'>,
  added: LostRanges,
): LostRanges {
  const known = lostRanges(meta);
  const isNew = ({ from }: Damage): boolean => lostRangeAt(from, known) === undefined;
  const lost = sorted([...known, ...added.filter(isNew)]);
  void meta.put(LOST_KEY, encode(lost));
  return lost;
}

function sorted(ranges: Damage[]): LostRanges {
  return ranges.sort((a, b) => a.from - b.from);
}

function encode(ranges: LostRanges): string {
  return JSON.stringify(ranges.map(({ from, to }) => [from, to]));
}

/**
 * The first offset of the history, given that of the first entry: lost ones right before it belong
 * to the history.
 */
export function firstWithLost(first: number, lost: LostRanges): number {
  return lost.find(({ to }) => to === first - 1)?.from ?? first;
}

/** The lost range that has an offset. */
export function lostRangeAt(offset: number, lost: LostRanges): Damage | undefined {
  return lost.find(({ from, to }) => from <= offset && offset <= to);
}

/** Inserts the lost ranges after an offset among the entries that were found after it. */
export function withLost(
  found: Iterable<Entry | Damage>,
  after: number,
  lost: LostRanges,
): Iterable<Entry | Damage> {
  return lost.length === 0 ? found : merge(found, after, lost);
}

function* merge(
  found: Iterable<Entry | Damage>,
  after: number,
  lost: LostRanges,
): Iterable<Entry | Damage> {
  const left = lost.filter(({ to }) => to > after);
  for (const each of found) {
    const offset = 'kind' in each ? each.from : each.offset;
    for (let next = left[0]; next !== undefined && next.from <= offset; next = left[0]) {
      yield { ...next, from: Math.max(next.from, after + 1) };
      left.shift();
    }
    yield each;
  }
  for (const next of left) yield { ...next, from: Math.max(next.from, after + 1) };
}
