import { entrySize } from '../entry-size.js';
import { firstOffset } from '../first-offset.js';
import { merged } from '../merged.js';
import { type ContainerKey, type Entry, type Filing, type Scope } from '../store.js';
import { Fifo } from './fifo.js';

export interface StoredEntry extends Entry {
  /** The greatest `entryTime` so far: never falls, so it can be searched. */
  readonly reached: bigint;
  /** What `Retention.bytes` counts, of all entries ever stored up to and including this one. */
  readonly total: number;
  readonly filing: Filing;
}

interface Container {
  readonly all: Fifo<StoredEntry>;
  readonly lifecycle: Fifo<StoredEntry>;
}

/** Entries in the order of their offsets, also by container. */
export class Shelf {
  /** The sizes of all. */
  bytes = 0;
  readonly #all = new Fifo<StoredEntry>();
  /** namespace → container → its entries. */
  readonly #namespaces = new Map<string, Map<string, Container>>();

  get length(): number {
    return this.#all.length;
  }

  at(index: number): StoredEntry | undefined {
    return this.#all.at(index);
  }

  push(entry: StoredEntry): void {
    this.#all.push(entry);
    this.bytes += entrySize(entry.envelope.length);
    const { key, isLifecycle } = entry.filing;
    if (key === undefined) return;
    const container = this.#container(key);
    container.all.push(entry);
    if (isLifecycle) container.lifecycle.push(entry);
  }

  /** Removes the oldest entry. */
  shift(): void {
    const oldest = this.#all.at(0);
    if (oldest === undefined) return;
    this.#all.shift();
    this.bytes -= entrySize(oldest.envelope.length);
    const { key, isLifecycle } = oldest.filing;
    if (key === undefined) return;
    const container = this.#container(key);
    container.all.shift();
    if (isLifecycle) container.lifecycle.shift();
    if (container.all.length === 0) this.#forget(key);
  }

  /** The entries after an offset, all or those in a scope. */
  after(offset: number, scope: Scope | undefined): Iterable<StoredEntry> {
    const lists = scope === undefined ? [this.#all] : this.#inScope(scope);
    return merged(
      lists.map((entries) => entriesAfter(offset, entries)),
      (entry) => entry.offset,
    );
  }

  containers(namespace: string): Iterable<string> {
    return this.#namespaces.get(namespace)?.keys() ?? [];
  }

  #inScope({ key, lifecycleOnly }: Scope): Fifo<StoredEntry>[] {
    const namespaces =
      key.namespace === undefined
        ? [...this.#namespaces.values()]
        : [this.#namespaces.get(key.namespace)];
    return namespaces.flatMap((containers) => {
      const found = containers?.get(key.container);
      return found === undefined ? [] : [lifecycleOnly ? found.lifecycle : found.all];
    });
  }

  #container({ namespace, container }: ContainerKey): Container {
    let containers = this.#namespaces.get(namespace);
    if (containers === undefined)
      this.#namespaces.set(namespace, (containers = new Map<string, Container>()));
    let entries = containers.get(container);
    if (entries === undefined) {
      entries = { all: new Fifo(), lifecycle: new Fifo() };
      containers.set(container, entries);
    }
    return entries;
  }

  #forget({ namespace, container }: ContainerKey): void {
    const containers = this.#namespaces.get(namespace);
    containers?.delete(container);
    if (containers?.size === 0) this.#namespaces.delete(namespace);
  }
}

function* entriesAfter(offset: number, entries: Fifo<StoredEntry>): Iterable<StoredEntry> {
  const isAfter = (index: number): boolean => (entries.at(index)?.offset ?? 0) > offset;
  const start = firstOffset(0, entries.length - 1, isAfter);
  for (let index = start; index < entries.length; index++) {
    const entry = entries.at(index);
    if (entry !== undefined) yield entry;
  }
}
