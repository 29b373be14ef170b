import type { Appended, DedupeWindow, EntryPosition } from './store.js';

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
  /** Originals of duplicates in the same call, which were stored before it. */
  readonly #foundInCall = new Map<string, O>();
  /** Offset of the newest entry before the call. */
  #beforeCall = 0;

  /**
   * @param now never less than in the commit before
   * @param stored finds what earlier commits have stored under a key
   */
  constructor(
    private readonly window: DedupeWindow,
    readonly now: bigint,
    private readonly stored: (key: string) => O | undefined,
  ) {}

  /**
   * Must be called before the entries of each call.
   *
   * @param last offset of the newest entry before them
   */
  beginCall(last: number): void {
    this.#beforeCall = last;
    if (this.#foundInCall.size > 0) this.#foundInCall.clear();
  }

  /**
   * Returns the entry that one with this key would be a duplicate of, if any.
   *
   * @param last offset of the newest entry before this one
   */
  find(key: string, last: number): O | undefined {
    const added = this.added.get(key);
    // Within a call, the window does not count.
    if (added !== undefined && added.offset > this.#beforeCall) return added;
    const found = this.#foundInCall.get(key);
    if (found !== undefined) return found;
    const original = added ?? this.stored(key);
    if (original === undefined || !isWithin(this.window, original, last, this.now))
      return undefined;
    this.#foundInCall.set(key, original);
    return original;
  }

  /** Must be called for each entry with a key that is stored. */
  add(key: string, original: O): void {
    this.added.set(key, original);
  }
}

/** The answer for an entry that was stored, or is a duplicate of a stored one. */
export function appendedAt({ offset, fingerprint }: EntryPosition, duplicate: boolean): Appended {
  return { offset, fingerprint, duplicate };
}

/** A dedupe key as text, because maps compare byte arrays by identity. */
export function keyText(key: Uint8Array): string {
  const bytes = Buffer.isBuffer(key)
    ? key
    : Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return bytes.toString('latin1');
}
