import type { CursorWriter } from '../events/cursor.js';
import type { ContainerKey, Entry, EventStore } from '../history/store.js';
import { PastReader, READ } from './past-reader.js';
import type { Start } from './start.js';

/** A part of history: what comes after one offset, up to and including another. */
export interface Span {
  readonly after: number;
  readonly upTo: number;
}

/** What was missed of a container since it was read the last time is mostly little, and what comes after is not wanted. */
const MISSED_ENTRIES = 8;

/** With whatever is kept after an offset, which may be less by the time that it is read. */
function beginAfter(offset: number): Start {
  return {
    place: { offset, cursor: '' },
    gap: undefined,
    // Of a later part, kept exits are read when it turns out that the part was trimmed.
    keptExitsAfter: offset === 0 ? 0 : undefined,
    fromPast: true,
    coversKeptExits: true,
  };
}

/** How something is derived from a container's entries, one after the other. */
export interface Fold<Result> {
  begin(): Result;
  /** Returns false when it has seen enough. */
  take(result: Result, entry: Entry): boolean;
}

/** Folds what is kept of a part of a container's own story, oldest first. */
export async function foldPast<Result>(
  key: ContainerKey,
  span: Span,
  store: EventStore,
  cursors: CursorWriter,
  fold: Fold<Result>,
): Promise<Result> {
  for (;;) {
    const result = fold.begin();
    const take = (entry: Entry): boolean => fold.take(result, entry);
    if (await foldOnce(key, span, store, cursors, take)) return result;
  }
}

/** False when retention has overtaken it: some of what it was about to read is gone, so that it has to begin anew. */
async function foldOnce(
  key: ContainerKey,
  { after, upTo }: Span,
  store: EventStore,
  cursors: CursorWriter,
  take: (entry: Entry) => boolean,
): Promise<boolean> {
  const start = beginAfter(after);
  const past = new PastReader(store, cursors, { key, lifecycleOnly: true }, start);
  let { place } = start;
  let atMost = after === 0 ? READ.entries : MISSED_ENTRIES;
  for (;;) {
    const found = await past.read(place, atMost);
    atMost = Math.min(2 * atMost, READ.entries);
    if (found.kind === 'gap') return false;
    for (const entry of found.entries) {
      if (entry.offset > upTo || !take(entry)) return true;
    }
    const last = found.entries.at(-1);
    if (last === undefined) return true;
    // Reads of an embedded store never wait, so without this one long story would stop everybody else.
    if (found.entries.length === READ.entries) await new Promise(setImmediate);
    if (!found.keptExits) place = { offset: last.offset, cursor: '' };
  }
}
