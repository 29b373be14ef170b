import { keyText } from '../../duplicates.js';
import type { Scope } from '../../store.js';
import { isLifecycle, type KeyRow } from '../tables/key-index.js';
import { decodeKey } from '../tables/container-key.js';
import type { LogRecord } from './record.js';

interface Filed {
  readonly offset: number;
  readonly namespace: string;
  readonly isLifecycle: boolean;
}

/**
 * Finds the entries of a segment by container and by dedupe key. It indexes records only when it is
 * asked, because most segments are checkpointed before any lookup.
 */
export class SegmentIndex {
  readonly #byContainer = new Map<string, Filed[]>();
  readonly #byDedupeKey = new Map<string, number>();
  #indexed = 0;

  /** @param records the segment's records, to which more are only appended */
  constructor(private readonly records: readonly LogRecord[]) {}

  /** The offsets in a scope, ascending. */
  *offsets({ key, lifecycleOnly }: Scope): Iterable<number> {
    this.#update();
    for (const filed of this.#byContainer.get(key.container) ?? []) {
      const isInNamespace = (key.namespace ?? filed.namespace) === filed.namespace;
      if (isInNamespace && (filed.isLifecycle || !lifecycleOnly)) yield filed.offset;
    }
  }

  *containers(namespace: string): Iterable<string> {
    this.#update();
    for (const [container, filed] of this.#byContainer) {
      if (filed.some((one) => one.namespace === namespace)) yield container;
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
    const { namespace, container } = decodeKey(row.key);
    const filed = { offset, namespace, isLifecycle: isLifecycle(row) };
    const others = this.#byContainer.get(container);
    if (others === undefined) this.#byContainer.set(container, [filed]);
    else others.push(filed);
  }
}
