import type { Appended, DedupeWindow, EncodedEnvelope } from './store.js';

/** Where the first of equal envelopes is, and since when. */
export interface Place {
  readonly offset: number;
  readonly storedAt: bigint;
  readonly fingerprint: number;
}

/** Whether an envelope there still makes another one with its key a duplicate. */
export function isWithin(
  window: DedupeWindow,
  place: Pick<Place, 'offset' | 'storedAt'>,
  last: number,
  now: bigint,
): boolean {
  return last - place.offset <= window.entries && now - place.storedAt <= window.age;
}

/**
 * Finds the duplicates among what one commit is asked to store. The answers are those that single commits of each call
 * would give, so that they do not depend on which calls happen to share one.
 */
export class Duplicates<P extends Place = Place> {
  /** What this commit stores, by key. */
  readonly added = new Map<string, P>();
  #ofCall = new Map<string, P>();

  /** `stored` finds what earlier commits have stored under a key. `now` never falls from one commit to the next. */
  constructor(
    private readonly window: DedupeWindow,
    readonly now: bigint,
    private readonly stored: (key: string) => P | undefined,
  ) {}

  /** To be called before the envelopes of each call. */
  beginCall(): void {
    if (this.#ofCall.size > 0) this.#ofCall = new Map();
  }

  /**
   * Has an envelope stored unless it is a duplicate; gives where it is, or the first of its kind. `last` is the newest entry
   * before it. What `store` gives is kept until the commit is done.
   */
  append(
    { dedupeKey }: EncodedEnvelope,
    last: number,
    store: () => P,
  ): { readonly place: P; readonly duplicate: boolean } {
    const key = dedupeKey && keyText(dedupeKey);
    const known = key === undefined ? undefined : this.#find(key, last);
    if (known !== undefined) return { place: known, duplicate: true };
    const place = store();
    if (key !== undefined) this.#add(key, place);
    return { place, duplicate: false };
  }

  #find(key: string, last: number): P | undefined {
    const place = this.#ofCall.get(key) ?? this.#findWithin(key, last);
    if (place !== undefined) this.#ofCall.set(key, place);
    return place;
  }

  #findWithin(key: string, last: number): P | undefined {
    const place = this.added.get(key) ?? this.stored(key);
    if (place === undefined || isWithin(this.window, place, last, this.now)) return place;
    return undefined;
  }

  #add(key: string, place: P): void {
    this.added.set(key, place);
    this.#ofCall.set(key, place);
  }
}

/** The answer to an envelope that is there, or is a duplicate of one that is. */
export function appendedAt({ offset, fingerprint }: Place, duplicate: boolean): Appended {
  return { offset, fingerprint, duplicate };
}

/** Dedupe keys are bytes; a map needs them as something that compares by content. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
