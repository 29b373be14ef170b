import { isMainKey, pathOf } from '../key.js';

/** Name of the hash that describes the current history; history.lua lists all keys. */
export function historyKey(prefix: string): string {
  return `{${prefix}}:history`;
}

/**
 * Names of one history's keys in Redis. Redis Cluster places a key by the part in braces, so all
 * of them are on one node. The epoch in the names keeps the keys of different histories apart.
 */
export class Keys {
  readonly #base: string;
  /** The keys that every history has, in the order in which the scripts expect them. */
  readonly fixed: readonly string[];
  /** The stream that grows with every commit. */
  readonly commits: string;
  /** Number of bytes before the path in a list's name. */
  readonly listPrefixBytes: number;

  constructor(prefix: string, epoch: string) {
    this.#base = `{${prefix}}:${epoch}`;
    const own = ['entries', 'commits', 'exits', 'containers', 'dedupe', 'dedupe-old', 'namespaces'];
    this.fixed = [historyKey(prefix), ...own.map((name) => `${this.#base}:${name}`)];
    this.commits = `${this.#base}:commits`;
    this.listPrefixBytes = Buffer.byteLength(this.#list('life', ''));
  }

  /** The list of offsets that an entry with a key belongs to. */
  listOf(key: string): string {
    return this.#list(isMainKey(key) ? 'life' : 'rest', pathOf(key));
  }

  /** The lists of a path: its main entries, and its other entries. */
  listsOf(path: string): [main: string, others: string] {
    return [this.#list('life', path), this.#list('rest', path)];
  }

  // Both kinds have the same length, as `listPrefixBytes` requires.
  #list(kind: 'life' | 'rest', path: string): string {
    return `${this.#base}:${kind}:${path}`;
  }
}

/** The HSCAN pattern for paths that begin with a prefix. */
export function prefixPattern(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
}
