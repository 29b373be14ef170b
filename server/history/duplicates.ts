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
export class Duplicates {
  /** What this commit stores, by key. */
  readonly added = new Map<string, Place>();
  /** Offsets of older records that the added ones take the place of. */
  readonly replaced: number[] = [];
  #ofCall = new Map<string, Place>();

  /** `stored` finds what earlier commits have stored under a key. `now` never falls from one commit to the next. */
  constructor(
    private readonly window: DedupeWindow,
    readonly now: bigint,
    private readonly stored: (key: string) => Place | undefined,
  ) {}

  /** To be called before the envelopes of each call. */
  beginCall(): void {
    if (this.#ofCall.size > 0) this.#ofCall = new Map();
  }

  /** Has an envelope stored unless it is a duplicate, and gives the answer to it. `last` is the newest entry before it. */
  append({ dedupeKey }: EncodedEnvelope, last: number, store: () => Place): Appended {
    const key = dedupeKey && keyText(dedupeKey);
    const known = key === undefined ? undefined : this.#find(key, last);
    const place = known ?? store();
    if (key !== undefined && known === undefined) this.#add(key, place);
    const { offset, fingerprint } = place;
    return { offset, fingerprint, duplicate: known !== undefined };
  }

  #find(key: string, last: number): Place | undefined {
    const place = this.#ofCall.get(key) ?? this.#findWithin(key, last);
    if (place !== undefined) this.#ofCall.set(key, place);
    return place;
  }

  #findWithin(key: string, last: number): Place | undefined {
    const added = this.added.get(key);
    const place = added ?? this.stored(key);
    if (place === undefined || isWithin(this.window, place, last, this.now)) return place;
    if (added === undefined) this.replaced.push(place.offset);
    return undefined;
  }

  #add(key: string, { offset, storedAt, fingerprint }: Place): void {
    const place = { offset, storedAt, fingerprint };
    this.added.set(key, place);
    this.#ofCall.set(key, place);
  }
}

/** Dedupe keys are bytes; a map needs them as something that compares by content. */
function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
