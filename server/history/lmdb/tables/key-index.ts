import { merged } from '../../merged.js';
import type { ContainerKey, Filing, Scope } from '../../store.js';
import { decodeKey, encodeKey } from './container-key.js';
import type { Tables } from './tables.js';

/**
 * Values of the table keys are class · 2⁴⁸ + offset. The two classes keep the few entries of a
 * container's lifecycle apart from the many others, so that they can be read on their own.
 */
const LIFECYCLE_BASE = 0;
const OTHER_BASE = 2 ** 48;
const CONTAINERS_PER_PAGE = 1000;

/** A row of the keys table. */
export interface KeyRow {
  readonly key: Buffer;
  readonly value: number;
}

/** The index row of an entry; undefined for an entry that belongs to no container. */
export function keyRow({ key, isLifecycle }: Filing, offset: number): KeyRow | undefined {
  return key && { key: encodeKey(key), value: indexValue(isLifecycle, offset) };
}

export function indexValue(isLifecycle: boolean, offset: number): number {
  return (isLifecycle ? LIFECYCLE_BASE : OTHER_BASE) + offset;
}

export function isLifecycle({ value }: KeyRow): boolean {
  return value < OTHER_BASE;
}

/** Number of distinct keys among the index rows. */
export function distinctKeys(rows: readonly { readonly filed: KeyRow | undefined }[]): number {
  return new Set(rows.map(({ filed }) => filed?.key.toString('latin1'))).size;
}

/** The offsets in a scope, ascending, from `start` up to, not including, `end`. */
export function offsetsIn(
  keys: Tables['keys'],
  { key, lifecycleOnly }: Scope,
  start: number,
  end: number,
): Iterable<number> {
  const classes = lifecycleOnly ? [LIFECYCLE_BASE] : [LIFECYCLE_BASE, OTHER_BASE];
  const sequences = keysOf(keys, key).flatMap((encoded) =>
    classes.map((base) =>
      keys
        .getValues(encoded, { start: base + start, end: base + end })
        .map((value) => value - base),
    ),
  );
  return merged(sequences, (offset) => offset);
}

/** The encoded keys that a scope covers. */
function keysOf(keys: Tables['keys'], { namespace, container }: Scope['key']): Buffer[] {
  if (namespace !== undefined) return [encodeKey({ namespace, container })];
  const found: Buffer[] = [];
  for (const each of namespaces(keys)) {
    const key = encodeKey({ namespace: each, container });
    if (keys.doesExist(key)) found.push(key);
  }
  return found;
}

/** The namespaces in the index, found by reading one row of each. */
function* namespaces(keys: Tables['keys']): Iterable<string> {
  let start = Buffer.of(0);
  for (;;) {
    const [first] = keys.getKeys({ start, limit: 1 });
    if (first === undefined) return;
    const { namespace } = decodeKey(first);
    yield namespace;
    start = endOf(namespace);
  }
}

/** The exclusive upper bound of a namespace's keys. */
function endOf(namespace: string): Buffer<ArrayBuffer> {
  return Buffer.from(`${namespace}\x01`);
}

/** One page of a namespace's containers, after `last`; empty when there are no more. */
export function containersAfter(
  keys: Tables['keys'],
  namespace: string,
  last: ContainerKey | undefined,
): ContainerKey[] {
  const start = last
    ? Buffer.concat([encodeKey(last), Buffer.of(0)])
    : encodeKey({ namespace, container: '' });
  return [...keys.getKeys({ start, end: endOf(namespace), limit: CONTAINERS_PER_PAGE })].map(
    decodeKey,
  );
}
