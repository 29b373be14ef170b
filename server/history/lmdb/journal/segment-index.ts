import { keyText } from '../../duplicates.js';
import { parseReadKey, splitPath } from '../../key.js';
import { isMainRow, type KeyRow } from '../tables/key-index.js';
import type { LogRecord } from './record.js';

interface IndexedEntry {
  readonly offset: number;
  readonly path: string;
  readonly isMain: boolean;
}

/**
 * Finds the entries of a segment by key and by dedupe key. It indexes records only when it is
 * asked, because most segments are checkpointed before any lookup.
 */
export class SegmentIndex {
  readonly #byName = new Map<string, IndexedEntry[]>();
  readonly #byDedupeKey = new Map<string, number>();
  #indexed = 0;

  /** @param records the segment's records, to which more are only appended */
  constructor(private readonly records: readonly LogRecord[]) {}

  /** The offsets under a key, ascending. */
  *offsets(key: string): Iterable<number> {
    this.#update();
    const { path, name, mainOnly } = parseReadKey(key);
    for (const entry of this.#byName.get(name) ?? []) {
      const isInGroup = path === undefined || entry.path === path;
      if (isInGroup && (entry.isMain || !mainOnly)) yield entry.offset;
    }
  }

  /** The paths that begin with a prefix. A path may come more than once. */
  *paths(prefix: string): Iterable<string> {
    this.#update();
    for (const entries of this.#byName.values()) {
      for (const { path } of entries) if (path.startsWith(prefix)) yield path;
    }
  }

  /** The offset of the newest entry with a dedupe key. */
  withDedupeKey(key: string): number | undefined {
    this.#update();
    return this.#byDedupeKey.get(key);
  }

  dedupeKeys(): Iterable<string> {
    this.#update();
    return this.#byDedupeKey.keys();
  }

  #update(): void {
    for (; this.#indexed < this.records.length; this.#indexed++) {
      for (const { offset, filed, dedupeKey } of this.records[this.#indexed]?.rows() ?? []) {
        if (filed !== undefined) this.#add(offset, filed);
        if (dedupeKey !== undefined) this.#byDedupeKey.set(keyText(dedupeKey), offset);
      }
    }
  }

  #add(offset: number, row: KeyRow): void {
    const path = row.key.toString();
    const { name } = splitPath(path);
    const entry = { offset, path, isMain: isMainRow(row) };
    const others = this.#byName.get(name);
    if (others === undefined) this.#byName.set(name, [entry]);
    else others.push(entry);
  }
}
