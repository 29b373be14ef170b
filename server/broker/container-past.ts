import type { CursorWriter } from '../events/cursor.js';
import type { ContainerKey, Entry, EventStore } from '../history/store.js';
import { PastReader } from './past-reader.js';
import type { Start } from './start.js';

/** From whatever is kept, which may be less by the time that it is read. */
const FROM_THE_BEGINNING: Start = {
  place: { offset: 0, cursor: '' },
  gap: undefined,
  keptExitsAfter: 0,
  fromPast: true,
  coversKeptExits: true,
};

/** How something is derived from a container's entries, one after the other. */
export interface Fold<Result> {
  begin(): Result;
  /** Returns false when it has seen enough. */
  take(result: Result, entry: Entry): boolean;
}

/** Folds what is kept of a container's own story, oldest first, up to and including an offset. */
export async function foldPast<Result>(
  key: ContainerKey,
  upTo: number,
  store: EventStore,
  cursors: CursorWriter,
  fold: Fold<Result>,
): Promise<Result> {
  for (;;) {
    const result = fold.begin();
    const take = (entry: Entry): boolean => fold.take(result, entry);
    if (await foldOnce(key, upTo, store, cursors, take)) return result;
  }
}

/** False when retention has overtaken it: some of what it was about to read is gone, so that it has to begin anew. */
async function foldOnce(
  key: ContainerKey,
  upTo: number,
  store: EventStore,
  cursors: CursorWriter,
  take: (entry: Entry) => boolean,
): Promise<boolean> {
  const past = new PastReader(store, cursors, { key, lifecycleOnly: true }, FROM_THE_BEGINNING);
  let { place } = FROM_THE_BEGINNING;
  for (;;) {
    const found = await past.read(place);
    if (found.kind === 'gap') return false;
    for (const entry of found.entries) {
      if (entry.offset > upTo || !take(entry)) return true;
    }
    const last = found.entries.at(-1);
    if (last === undefined) return true;
    if (!found.keptExits) place = { offset: last.offset, cursor: '' };
  }
}
