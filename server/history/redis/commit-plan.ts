import { crc32 } from 'node:zlib';
import { Duplicates, keyText, type Original } from '../duplicates.js';
import type { Appended, DedupeWindow, EntryPosition, NewEntry } from '../store.js';
import type { UnplacedEntry } from './packed-entries.js';

/** An entry that a commit stores. */
export interface PlannedEntry extends UnplacedEntry {
  readonly key: string | undefined;
  readonly dedupeKey: Uint8Array | undefined;
}

/** `index` is that of an entry which this commit stores; undefined for one stored before. */
interface PlannedOriginal extends Original {
  readonly index: number | undefined;
}

/** The content of a commit: the entries of several calls, without duplicates. */
export class CommitPlan {
  readonly stored: PlannedEntry[] = [];
  readonly #answers: { readonly original: PlannedOriginal; readonly duplicate: boolean }[][];

  /**
   * @param known originals of duplicates that Redis has found, by dedupe key
   * @param last offset of the newest known entry
   */
  constructor(
    calls: readonly (readonly NewEntry[])[],
    known: ReadonlyMap<string, EntryPosition>,
    window: DedupeWindow,
    last: number,
  ) {
    // Times do not matter here: a commit has one time, and Redis has checked that of the known.
    const now = 0n;
    const duplicates = new Duplicates<PlannedOriginal>(window, now, (key) => {
      const original = known.get(key);
      return original && { ...original, storedAt: now, index: undefined };
    });
    this.#answers = calls.map((call) => {
      duplicates.beginCall(last + this.stored.length);
      return call.map((entry) => {
        const key = entry.dedupeKey && keyText(entry.dedupeKey);
        const newest = last + this.stored.length;
        const known = key === undefined ? undefined : duplicates.find(key, newest);
        if (known !== undefined) return { original: known, duplicate: true };
        const original = this.#plan(entry, last);
        if (key !== undefined) duplicates.add(key, original);
        return { original, duplicate: false };
      });
    });
  }

  #plan({ bytes, time, key, dedupeKey }: NewEntry, last: number): PlannedOriginal {
    const fingerprint = crc32(bytes);
    const index = this.stored.push({ bytes, fingerprint, time, key, dedupeKey }) - 1;
    return { offset: last + index + 1, storedAt: 0n, fingerprint, index };
  }

  /** Returns the answers for each call. @param first offset of the first of `stored` */
  answers(first: number): Appended[][] {
    return this.#answers.map((call) =>
      call.map(({ original: { offset, fingerprint, index }, duplicate }) => ({
        offset: index === undefined ? offset : first + index,
        fingerprint,
        duplicate,
      })),
    );
  }
}
