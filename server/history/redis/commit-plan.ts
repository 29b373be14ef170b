import { crc32 } from 'node:zlib';
import { Duplicates, type Place } from '../duplicates.js';
import type { Appended, DedupeWindow, EncodedEnvelope, Filing } from '../store.js';
import type { NewEntry } from './packed-entries.js';

/** An envelope that a commit stores. */
export interface Planned extends NewEntry {
  readonly filing: Filing;
  readonly dedupeKey: Uint8Array | undefined;
}

/** Where an envelope will be: its index among those that the commit stores, or the place of one that is there already. */
interface PlannedPlace extends Place {
  readonly index: number | undefined;
}

/** What a commit is to store: the envelopes of several calls without those that are duplicates. */
export class CommitPlan {
  readonly stored: Planned[] = [];
  readonly #answers: { readonly place: PlannedPlace; readonly duplicate: boolean }[][];

  /**
   * @param known by dedupe key, the places of those that were found to be duplicates
   * @param last the newest entry that is known
   */
  constructor(
    calls: readonly (readonly EncodedEnvelope[])[],
    known: ReadonlyMap<string, Omit<Place, 'storedAt'>>,
    window: DedupeWindow,
    last: number,
  ) {
    // All of one commit have the same time, and Redis has looked at the time of what is known.
    const now = 0n;
    const duplicates = new Duplicates<PlannedPlace>(window, now, (key) => {
      const place = known.get(key);
      return place && { ...place, storedAt: now, index: undefined };
    });
    this.#answers = calls.map((call) => {
      duplicates.beginCall();
      return call.map((envelope) => {
        if (envelope.dedupeKey === undefined) {
          return { place: this.#plan(envelope, last), duplicate: false };
        }
        const store = (): PlannedPlace => this.#plan(envelope, last);
        return duplicates.append(envelope, last + this.stored.length, store);
      });
    });
  }

  #plan({ bytes, timestamp, filing, dedupeKey }: EncodedEnvelope, last: number): PlannedPlace {
    const fingerprint = crc32(bytes);
    const index = this.stored.push({ bytes, fingerprint, timestamp, filing, dedupeKey }) - 1;
    return { offset: last + index + 1, storedAt: 0n, fingerprint, index };
  }

  /** The answers to each call once it is known where the first of `stored` is. */
  answers(first: number): Appended[][] {
    return this.#answers.map((call) =>
      call.map(({ place: { offset, fingerprint, index }, duplicate }) => ({
        offset: index === undefined ? offset : first + index,
        fingerprint,
        duplicate,
      })),
    );
  }
}
