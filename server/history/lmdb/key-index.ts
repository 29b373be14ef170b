import type { ContainerKey, Filing, Scope } from '../store.js';
import { decodeKey, encodeKey } from './layout.js';
import type { Tables } from './tables.js';

/**
 * The values of the keys table are offsets, in two classes, so that the few entries of a container's lifecycle
 * can be read without the many others: a value is class · 2⁴⁸ + offset.
 */
const LIFECYCLE = 0;
const REST = 2 ** 48;
const PAGE = 1000;

/** A row of the keys table. */
export interface KeyRow {
  readonly key: Buffer;
  readonly value: number;
}

/** Where an entry is filed; undefined for one that is of no container. */
export function keyRow({ key, isLifecycle }: Filing, offset: number): KeyRow | undefined {
  return key && { key: encodeKey(key), value: filedValue(isLifecycle, offset) };
}

export function filedValue(isLifecycle: boolean, offset: number): number {
  return (isLifecycle ? LIFECYCLE : REST) + offset;
}

export function isLifecycle({ value }: KeyRow): boolean {
  return value < REST;
}

/** How many containers these are filed under. */
export function distinctKeys(rows: readonly { readonly filed: KeyRow | undefined }[]): number {
  return new Set(rows.map(({ filed }) => filed?.key.toString('latin1'))).size;
}

/** The offsets filed for a scope, rising, from `start` up to but without `end`. */
export function offsetsIn(
  keys: Tables['keys'],
  { key, lifecycleOnly }: Scope,
  start: number,
  end: number,
): Iterable<number> {
  const encoded = encodeKey(key);
  const ofClass = (base: number): Iterable<number> =>
    keys.getValues(encoded, { start: base + start, end: base + end }).map((value) => value - base);
  return lifecycleOnly ? ofClass(LIFECYCLE) : merged(ofClass(LIFECYCLE), ofClass(REST));
}

/** Two rising sequences as one. */
function* merged(one: Iterable<number>, other: Iterable<number>): Iterable<number> {
  const waiting = other[Symbol.iterator]();
  try {
    let next = waiting.next();
    for (const value of one) {
      for (; next.done !== true && next.value < value; next = waiting.next()) yield next.value;
      yield value;
    }
    for (; next.done !== true; next = waiting.next()) yield next.value;
  } finally {
    // A range of lmdb that is left open would hold its snapshot.
    waiting.return?.();
  }
}

/** Some containers of a namespace; the next ones come after the last of these. Empty when there are no more. */
export function containersAfter(
  keys: Tables['keys'],
  namespace: string,
  last: ContainerKey | undefined,
): ContainerKey[] {
  const start = last
    ? Buffer.concat([encodeKey(last), Buffer.of(0)])
    : encodeKey({ namespace, container: '' });
  const end = Buffer.from(`${namespace}\x01`);
  return [...keys.getKeys({ start, end, limit: PAGE })].map(decodeKey);
}
