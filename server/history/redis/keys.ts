import type { ContainerKey, Filing } from '../store.js';

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
  /** How many bytes of a list's name stand before the container. */
  readonly listPrefixBytes: number;

  constructor(prefix: string, epoch: string) {
    this.#base = `{${prefix}}:${epoch}`;
    const own = ['entries', 'commits', 'exits', 'containers', 'dedupe', 'dedupe-old', 'namespaces'];
    this.fixed = [historyKey(prefix), ...own.map((name) => `${this.#base}:${name}`)];
    this.commits = `${this.#base}:commits`;
    this.listPrefixBytes = Buffer.byteLength(this.#list('life', ''));
  }

  /** The list that an entry is filed in; undefined for one that is of no container. */
  listOf({ key, isLifecycle }: Filing): string | undefined {
    return key && this.#list(isLifecycle ? 'life' : 'rest', containerField(key));
  }

  /** The two lists of a container. */
  listsOf(key: ContainerKey): [life: string, rest: string] {
    const container = containerField(key);
    return [this.#list('life', container), this.#list('rest', container)];
  }

  // The two kinds have names of the same length.
  #list(kind: 'life' | 'rest', container: string): string {
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
