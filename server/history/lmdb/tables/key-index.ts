import { merged } from '../../merged.js';
import type { ContainerKey, Filing, Scope } from '../../store.js';
import { decodeKey, encodeKey } from './container-key.js';
import type { Tables } from './tables.js';

/**
 * The values of the keys table are offsets, in two classes, so that the few entries of a container's lifecycle
 * can be read without the many others: a value is class · 2⁴⁸ + offset.
 */
const LIFECYCLE_BASE = 0;
const OTHER_BASE = 2 ** 48;
const CONTAINERS_PER_PAGE = 1000;

/** A row of the keys table. */
export interface KeyRow {
  readonly key: Buffer;
  readonly value: number;
}

/** Where an entry is filed; undefined for one that is of no container. */
export function keyRow({ key, isLifecycle }: Filing, offset: number): KeyRow | undefined {
  return key && { key: encodeKey(key), value: indexValue(isLifecycle, offset) };
}

export function indexValue(isLifecycle: boolean, offset: number): number {
  return (isLifecycle ? LIFECYCLE_BASE : OTHER_BASE) + offset;
}

export function isLifecycle({ value }: KeyRow): boolean {
  return value < OTHER_BASE;
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

/** What a scope's entries may be filed under. */
function keysOf(keys: Tables['keys'], { namespace, container }: Scope['key']): Buffer[] {
  if (namespace !== undefined) return [encodeKey({ namespace, container })];
  const found: Buffer[] = [];
  for (const each of namespaces(keys)) {
    const key = encodeKey({ namespace: each, container });
    if (keys.doesExist(key)) found.push(key);
  }
  return found;
}

/** Looks at one row of each. */
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

/** Beyond all keys of a namespace, and not beyond those of the next one. */
function endOf(namespace: string): Buffer<ArrayBuffer> {
  return Buffer.from(`${namespace}\x01`);
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
  return [...keys.getKeys({ start, end: endOf(namespace), limit: CONTAINERS_PER_PAGE })].map(
    decodeKey,
  );
}
