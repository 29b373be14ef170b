import { FoghornError } from '../../../../protocol/errors.js';
import { merged } from '../../merged.js';
import { isMainKey, joinPath, parseReadKey, pathOf, splitPath, type ReadKey } from '../../key.js';
import type { Tables } from './tables.js';

/**
 * Values of the table keys are class · 2⁴⁸ + offset. The two classes keep the main entries of
 * a path apart from the others, so that they can be read on their own.
 */
const MAIN_BASE = 0;
const OTHER_BASE = 2 ** 48;
const PATHS_PER_PAGE = 1000;

/** A row of the keys table. */
export interface KeyRow {
  readonly key: Buffer;
  readonly value: number;
}

/** The index row of an entry; undefined for an entry without a key. */
export function keyRow(key: string | undefined, offset: number): KeyRow | undefined {
  return key === undefined
    ? undefined
    : { key: Buffer.from(pathOf(key)), value: indexValue(isMainKey(key), offset) };
}

export function indexValue(isMain: boolean, offset: number): number {
  return (isMain ? MAIN_BASE : OTHER_BASE) + offset;
}

/** The offset of the entry that an index value stands for. */
export function offsetOf(value: number): number {
  return value < OTHER_BASE ? value - MAIN_BASE : value - OTHER_BASE;
}

export function isMainRow({ value }: KeyRow): boolean {
  return value < OTHER_BASE;
}

/** Number of distinct paths among the index rows. */
export function distinctKeys(rows: readonly { readonly filed: KeyRow | undefined }[]): number {
  return new Set(rows.map(({ filed }) => filed?.key.toString('latin1'))).size;
}

/** The offsets under a key, ascending, from `start` up to, not including, `end`. */
export function offsetsIn(
  keys: Tables['keys'],
  key: string,
  start: number,
  end: number,
): Iterable<number> {
  const readKey = parseReadKey(key);
  const classes = readKey.mainOnly ? [MAIN_BASE] : [MAIN_BASE, OTHER_BASE];
  const sequences = pathsOf(keys, readKey).flatMap((path) =>
    classes.map((base) =>
      offsetsOfClass(keys.getValues(path, { start: base + start, end: base + end }), base),
    ),
  );
  return merged(sequences, (offset) => offset);
}

/** Throws DATA_LOSS for a value that is no offset: the table has no check of its own. */
function* offsetsOfClass(values: Iterable<unknown>, base: number): Iterable<number> {
  const iterator = values[Symbol.iterator]();
  try {
    for (let next = nextValue(iterator); next !== undefined; next = nextValue(iterator)) {
      const offset = typeof next === 'number' ? next - base : NaN;
      if (!Number.isSafeInteger(offset) || offset <= 0) throw damagedIndex();
      yield offset;
    }
  } finally {
    // A range of lmdb holds its snapshot until it is closed.
    iterator.return?.();
  }
}

/** lmdb throws where bytes are no number. */
function nextValue(iterator: Iterator<unknown>): unknown {
  try {
    const next = iterator.next();
    return next.done === true ? undefined : next.value;
  } catch {
    throw damagedIndex();
  }
}

function damagedIndex(): FoghornError {
  return new FoghornError('DATA_LOSS', 'the index of containers is damaged');
}

/** The encoded paths that a key covers. */
function pathsOf(keys: Tables['keys'], { path, name }: ReadKey): Buffer[] {
  if (path !== undefined) return [Buffer.from(path)];
  const found: Buffer[] = [];
  for (const group of groups(keys)) {
    const candidate = Buffer.from(joinPath(group, name));
    if (keys.doesExist(candidate)) found.push(candidate);
  }
  return found;
}

/** The groups in the index, found by reading one row of each. */
function* groups(keys: Tables['keys']): Iterable<string> {
  let start = Buffer.of(0);
  for (;;) {
    const [first] = keys.getKeys({ start, limit: 1 });
    if (first === undefined) return;
    const { group } = splitPath(first.toString());
    yield group;
    // Beyond the keys of the group, and not beyond those of the next one.
    start = Buffer.from(`${group}\x01`);
  }
}

/** UTF-8 has no such byte, so a prefix followed by it sorts after all keys with the prefix. */
const BEYOND = Buffer.of(0xff);

/** One page of the paths that begin with a prefix, after `last`; empty when there are no more. */
export function pathsAfter(
  keys: Tables['keys'],
  prefix: string,
  last: string | undefined,
): string[] {
  const start = Buffer.from(last === undefined ? prefix || '\0' : `${last}\0`);
  const end = Buffer.concat([Buffer.from(prefix), BEYOND]);
  const found = keys.getKeys({ start, end, limit: PATHS_PER_PAGE });
  return [...found].map((path) => path.toString());
}
