import { parseCursor, type CursorWriter } from '../events/cursor.js';
import type { EventStore } from '../history/store.js';
import { wantsOnlyLasting } from './filter-facts.js';
import { findGap, gapAfter, gapError, type FoundGap } from './gap.js';
import { placeAt, placeOf, type PlaceInHistory } from './place.js';
import type { ReadOptions } from './read-options.js';
import type { Gap } from './subscription-message.js';

/** Where a subscription begins: after `place`, and with a gap to tell first if its cursor's place is gone. */
export interface Start {
  readonly place: PlaceInHistory;
  readonly gap: Gap | undefined;
  /** Begin with the kept exits after this offset; undefined to leave them out. */
  readonly keptExitsAfter: number | undefined;
  /** Begins where the history begins or at a time, not at a place that somebody remembers. */
  readonly fromPast: boolean;
  /** What is asked for may be among the kept exits, should retention overtake the reader before it has begun. */
  readonly coversKeptExits: boolean;
}

/**
 * Finds the place that the options name; `now` is the place that live subscriptions have reached. Throws INVALID_ARGUMENT
 * for a cursor that is none, and OUT_OF_RANGE when its place is gone and the reader wants to fail then.
 */
export async function findStart(
  options: ReadOptions,
  store: EventStore,
  cursors: CursorWriter,
  now: PlaceInHistory,
): Promise<Start> {
  const { start } = options;
  switch (start.kind) {
    case 'now':
      return beginAt(placeOf(now));
    case 'earliest': {
      const { first } = await store.bounds();
      return fromPast(options, start.keptExitsAfter, first, store, cursors);
    }
    case 'since': {
      const offset = await store.offsetAt(start.time);
      return fromPast(options, start.keptExitsAfter, offset, store, cursors);
    }
    case 'after': {
      const found = await findGap(start.cursor, store, cursors);
      if (found !== undefined) return beginWithGap(found, options);
      return beginAt({ offset: parseCursor(start.cursor).offset, cursor: start.cursor });
    }
  }
}

function beginAt(place: PlaceInHistory): Start {
  return {
    place,
    gap: undefined,
    keptExitsAfter: undefined,
    fromPast: false,
    coversKeptExits: false,
  };
}

function beginWithGap({ gap, place }: FoundGap, { onGap }: ReadOptions): Start {
  if (onGap === 'fail') throw gapError(gap);
  return { ...beginAt(place), gap };
}

/** Begins with the entry at an offset; where that is the first one kept, with the kept exits that come before it. */
async function fromPast(
  options: ReadOptions,
  keptExitsAfter: string | undefined,
  offset: number,
  store: EventStore,
  cursors: CursorWriter,
): Promise<Start> {
  const place = await placeAt(offset - 1, store, cursors);
  const { first } = await store.bounds();
  const coversKeptExits = options.scope !== undefined || wantsOnlyLasting(options.filter);
  const begin = { ...beginAt(place), fromPast: true, coversKeptExits };
  if (offset > first || !coversKeptExits) return begin;
  if (keptExitsAfter === undefined) return { ...begin, keptExitsAfter: 0 };
  const last = parseCursor(keptExitsAfter);
  if (last.epoch === store.epoch) return { ...begin, keptExitsAfter: last.offset };
  const from = { offset: last.offset, cursor: keptExitsAfter };
  return beginWithGap(await gapAfter(from, 'store recreated', store, cursors), options);
}
