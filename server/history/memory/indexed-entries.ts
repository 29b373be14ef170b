import { entrySize } from '../entry-size.js';
import { firstOffset } from '../first-offset.js';
import { isMainKey, joinPath, parseReadKey, pathOf, splitPath } from '../key.js';
import { merged } from '../merged.js';
import type { Entry, RetentionClass } from '../store.js';
import { Fifo } from './fifo.js';

/** An entry with everything that is derived from it when it is stored. */
export interface MemoryEntry extends Entry {
  /** The greatest `entryTime` so far. It never falls, so it can be searched. */
  readonly latestTime: bigint;
  /** Sum of the sizes of all entries ever stored, this one included. */
  readonly total: number;
  readonly key: string | undefined;
  readonly retention: RetentionClass;
}

/** The entries under one path, see `key.ts`. */
interface KeyedEntries {
  readonly all: Fifo<MemoryEntry>;
  readonly main: Fifo<MemoryEntry>;
}

/** Entries in the order of their offsets, also by key. */
export class IndexedEntries {
  /** The sum of the entries' sizes. */
  bytes = 0;
  readonly #all = new Fifo<MemoryEntry>();
  readonly #byPath = new Map<string, KeyedEntries>();
  /** Number of paths by group, to find a name in every group. */
  readonly #groups = new Map<string, number>();

  get length(): number {
    return this.#all.length;
  }

  at(index: number): MemoryEntry | undefined {
    return this.#all.at(index);
  }

  push(entry: MemoryEntry): void {
    this.#all.push(entry);
    this.bytes += entrySize(entry.envelope.length);
    const { key } = entry;
    if (key === undefined) return;
    const { all, main } = this.#keyedEntries(pathOf(key));
    all.push(entry);
    if (isMainKey(key)) main.push(entry);
  }

  /** Removes the oldest entry. */
  shift(): void {
    const oldest = this.#all.at(0);
    if (oldest === undefined) return;
    this.#all.shift();
    this.bytes -= entrySize(oldest.envelope.length);
    const { key } = oldest;
    if (key === undefined) return;
    const path = pathOf(key);
    const { all, main } = this.#keyedEntries(path);
    all.shift();
    if (isMainKey(key)) main.shift();
    if (all.length === 0) this.#remove(path);
  }

  /** The entries after an offset, all or those under a key. */
  after(offset: number, key: string | undefined): Iterable<MemoryEntry> {
    const lists = key === undefined ? [this.#all] : this.#under(key);
    return merged(
      lists.map((entries) => entriesAfter(offset, entries)),
      (entry) => entry.offset,
    );
  }

  /** The paths that have entries. */
  paths(): Iterable<string> {
    return this.#byPath.keys();
  }

  #under(key: string): Fifo<MemoryEntry>[] {
    const { path, name, mainOnly } = parseReadKey(key);
    const paths =
      path === undefined ? [...this.#groups.keys()].map((group) => joinPath(group, name)) : [path];
    return paths.flatMap((each) => {
      const found = this.#byPath.get(each);
      return found === undefined ? [] : [mainOnly ? found.main : found.all];
    });
  }

  #keyedEntries(path: string): KeyedEntries {
    let entries = this.#byPath.get(path);
    if (entries === undefined) {
      entries = { all: new Fifo(), main: new Fifo() };
      this.#byPath.set(path, entries);
      const { group } = splitPath(path);
      this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1);
    }
    return entries;
  }

  #remove(path: string): void {
    this.#byPath.delete(path);
    const { group } = splitPath(path);
    const left = (this.#groups.get(group) ?? 1) - 1;
    if (left === 0) this.#groups.delete(group);
    else this.#groups.set(group, left);
  }
}

function* entriesAfter(offset: number, entries: Fifo<MemoryEntry>): Iterable<MemoryEntry> {
  const isAfter = (index: number): boolean => (entries.at(index)?.offset ?? 0) > offset;
  const start = firstOffset(0, entries.length - 1, isAfter);
  for (let index = start; index < entries.length; index++) {
    const entry = entries.at(index);
    if (entry !== undefined) yield entry;
  }
}
