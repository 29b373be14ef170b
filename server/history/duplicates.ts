import type { Appended, DedupeWindow, EntryPosition, NewEntry } from './store.js';

/** The stored entry that later entries with its dedupe key are duplicates of. */
export interface Original extends EntryPosition {
  readonly storedAt: bigint;
}

/** Whether an entry with the key of this original, appended now, is a duplicate of it. */
export function isWithin(
  window: DedupeWindow,
  original: Pick<Original, 'offset' | 'storedAt'>,
  last: number,
  now: bigint,
): boolean {
  return last - original.offset <= window.entries && now - original.storedAt <= window.age;
}

/**
 * Finds the duplicates in one commit. The answers are those that a commit for each call would
 * give, so they do not depend on which calls happen to share a commit.
 */
export class Duplicates<O extends Original = Original> {
  /** Entries that this commit stores, by dedupe key. */
  readonly added = new Map<string, O>();
  #ofCall = new Map<string, O>();

  /**
   * @param now never less than in the commit before
   * @param stored finds what earlier commits have stored under a key
   */
  constructor(
    private readonly window: DedupeWindow,
    readonly now: bigint,
    private readonly stored: (key: string) => O | undefined,
  ) {}

  /** Must be called before the entries of each call. */
  beginCall(): void {
    if (this.#ofCall.size > 0) this.#ofCall = new Map();
  }

  /**
   * Calls `store` unless the entry is a duplicate. Returns its result, or the original.
   *
   * @param last offset of the newest entry before this one
   */
  append(
    { dedupeKey }: NewEntry,
    last: number,
    store: () => O,
  ): { readonly original: O; readonly duplicate: boolean } {
    const key = dedupeKey && keyText(dedupeKey);
    const known = key === undefined ? undefined : this.#find(key, last);
    if (known !== undefined) return { original: known, duplicate: true };
    const original = store();
    if (key !== undefined) this.#add(key, original);
    return { original, duplicate: false };
  }

  #find(key: string, last: number): O | undefined {
    const original = this.#ofCall.get(key) ?? this.#findWithin(key, last);
    if (original !== undefined) this.#ofCall.set(key, original);
    return original;
  }

  #findWithin(key: string, last: number): O | undefined {
    const original = this.added.get(key) ?? this.stored(key);
    if (original === undefined || isWithin(this.window, original, last, this.now)) return original;
    return undefined;
  }

  #add(key: string, original: O): void {
    this.added.set(key, original);
    this.#ofCall.set(key, original);
  }
}

/** The answer for an entry that was stored, or is a duplicate of a stored one. */
export function appendedAt({ offset, fingerprint }: EntryPosition, duplicate: boolean): Appended {
  return { offset, fingerprint, duplicate };
}

/** A dedupe key as text, because maps compare byte arrays by identity. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
