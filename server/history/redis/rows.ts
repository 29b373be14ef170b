import { damagedAt } from '../read-limit.js';
import type { Damage, Entry } from '../store.js';
import { isIntact, PackedEntries } from './packed-entries.js';
import type { Reply } from './script.js';
import { timeOfSortable } from './sortable-time.js';

/** The field `i` of a commit, see history.lua. */
export interface CommitInfo {
  readonly storedAt: bigint;
  /** Fingerprint of its newest entry. */
  readonly fingerprint: number;
  /** Sum of the sizes of all entries ever stored, up to its newest one. */
  readonly total: number;
}

export function parseCommitInfo(i: Buffer): CommitInfo {
  const text = i.toString('latin1');
  return {
    storedAt: timeOfSortable(text.slice(0, 20)),
    fingerprint: Number(text.slice(40, 50)),
    total: Number(text.slice(50)),
  };
}

/** Parses a reply that has offset, i and e of each commit. */
export function parseCommits(reply: Reply): PackedEntries[] {
  return triples(reply).map(([last, i, e]) => {
    return new PackedEntries(e, last, parseCommitInfo(i).storedAt);
  });
}

/** The commits' entries after one offset, up to another, unchecked. */
export function* entriesOf(
  commits: readonly PackedEntries[],
  after: number,
  to: number,
): Iterable<Entry> {
  for (const commit of commits) {
    const begin = Math.max(commit.first, after + 1);
    for (let offset = begin; offset <= Math.min(commit.last, to); offset++) {
      yield commit.entry(offset);
    }
  }
}

/** Replaces each damaged entry. */
export function* checked(entries: Iterable<Entry>): Iterable<Entry | Damage> {
  for (const entry of entries) yield isIntact(entry) ? entry : damagedAt(entry.offset);
}

/** Parses a reply that has offset, stored at and fingerprint, and envelope; unchecked. */
export function parseEntries(reply: Reply): Entry[] {
  return triples(reply).map(([offset, i, envelope]) => {
    const text = i.toString('latin1');
    const storedAt = timeOfSortable(text.slice(0, 20));
    return { offset, storedAt, fingerprint: Number(text.slice(20)), envelope };
  });
}

/** The field `i` of a kept lasting entry. */
export function lastingInfo(storedAt: string, fingerprint: number): string {
  return storedAt + fingerprintText(fingerprint);
}

/** Ten digits, the form of fingerprints everywhere in Redis. */
export function fingerprintText(fingerprint: number): string {
  return String(fingerprint).padStart(10, '0');
}

function triples(reply: Reply): [offset: number, i: Buffer, e: Buffer][] {
  const parts = reply as readonly Reply[];
  return Array.from({ length: parts.length / 3 }, (_, row) => {
    return parts.slice(3 * row, 3 * row + 3) as [number, Buffer, Buffer];
  });
}
