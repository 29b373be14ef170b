import type { ContainerKey, Filing, Scope } from '../store.js';

/** Names of the hash that says which history is here; see history.lua for all keys. */
export function historyKey(prefix: string): string {
  return `{${prefix}}:history`;
}

/**
 * The names of one history's keys. What stands in braces is all that Redis Cluster places a key by, so all of them are on
 * the same node. Each history has names of its own, so that nothing of an earlier one can be taken for part of it.
 */
export class Keys {
  readonly #base: string;
  /** Of every history, in the order in which the scripts know them. */
  readonly fixed: readonly string[];
  /** The stream that grows with every commit. */
  readonly commits: string;
  /** How many bytes of the name of a sorted set stand before the container. */
  readonly setPrefixBytes: number;

  constructor(prefix: string, epoch: string) {
    this.#base = `{${prefix}}:${epoch}`;
    const own = ['entries', 'commits', 'exits', 'containers', 'dedupe', 'dedupe-order'];
    this.fixed = [historyKey(prefix), ...own.map((name) => `${this.#base}:${name}`)];
    this.commits = `${this.#base}:commits`;
    this.setPrefixBytes = Buffer.byteLength(this.#set('runs', ''));
  }

  /** The sorted set that an entry is filed in; undefined for one that is of no container. */
  setOf({ key, isRun }: Filing): string | undefined {
    return key && this.#set(isRun ? 'runs' : 'rest', containerField(key));
  }

  /** The two sorted sets of a container. */
  setsOf({ key }: Scope): [runs: string, rest: string] {
    const container = containerField(key);
    return [this.#set('runs', container), this.#set('rest', container)];
  }

  // The two kinds have names of the same length.
  #set(kind: 'runs' | 'rest', container: string): string {
    return `${this.#base}:${kind}:${container}`;
  }
}

/** A container's field in the hash of containers. */
export function containerField({ namespace, container }: ContainerKey): string {
  return `${namespace}\0${container}`;
}

/** The container of a field of the hash. */
export function containerOfField(field: string): ContainerKey {
  const end = field.indexOf('\0');
  return { namespace: field.slice(0, end), container: field.slice(end + 1) };
}

/** What HSCAN finds a namespace's containers by. */
export function namespacePattern(namespace: string): string {
  return `${namespace.replace(/[\\*?[\]]/g, '\\$&')}\0*`;
}
