import { parseCursor, type CursorWriter, type Position } from '../events/cursor.js';
import type { EventStore } from '../history/store.js';
import { gapError } from '../../protocol/gaps.js';
import { findGap, gapAfter, type FoundGap } from './gap.js';
import { positionAt, positionOf } from './position.js';
import type { ReadOptions } from './read-options.js';
import type { Gap } from './subscription-message.js';

/** Where a subscription begins: after `position`, and with a gap to tell first if its cursor's position is gone. */
export interface Start {
  readonly position: Position;
  readonly gap: Gap | undefined;
  /** Begin with the kept exits after this offset; undefined to leave them out. */
  readonly keptExitsAfter: number | undefined;
  /** Begins where the history begins or at a time, not at a position that somebody remembers. */
  readonly fromPast: boolean;
  /** What is asked for may be among the kept exits, should retention overtake the reader before it has begun. */
  readonly coversKeptExits: boolean;
}

/** What decides where a subscription begins. */
interface StartOptions extends Pick<ReadOptions, 'start' | 'scope' | 'onGap'> {
  /** The filter passes lasting entries alone. */
  readonly wantsOnlyLasting: boolean;
}

/**
 * Finds the position that the options name; `now` is the position that live subscriptions have reached. Throws INVALID_ARGUMENT
 * for a cursor that is none, and OUT_OF_RANGE when its position is gone and the reader wants to fail then.
 */
export async function findStart(
  options: StartOptions,
  store: EventStore,
  cursors: CursorWriter,
  now: Position,
): Promise<Start> {
  const { start } = options;
  switch (start.kind) {
    case 'now':
      return beginAt(positionOf(now));
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

/** Begins after a position that was delivered before. */
export function beginAt(position: Position): Start {
  return {
    position,
    gap: undefined,
    keptExitsAfter: undefined,
    fromPast: false,
    coversKeptExits: false,
  };
}

function beginWithGap({ gap, position }: FoundGap, { onGap }: Pick<ReadOptions, 'onGap'>): Start {
  if (onGap === 'fail') throw gapError(gap);
  return { ...beginAt(position), gap };
}

/** Begins with the entry at an offset; where that is the first one kept, with the kept exits that come before it. */
async function fromPast(
  options: StartOptions,
  keptExitsAfter: string | undefined,
  offset: number,
  store: EventStore,
  cursors: CursorWriter,
): Promise<Start> {
  const position = await positionAt(offset - 1, store, cursors);
  const { first } = await store.bounds();
  const coversKeptExits = options.scope !== undefined || options.wantsOnlyLasting;
  const begin = { ...beginAt(position), fromPast: true, coversKeptExits };
  if (offset > first || !coversKeptExits) return begin;
  if (keptExitsAfter === undefined) return { ...begin, keptExitsAfter: 0 };
  const last = parseCursor(keptExitsAfter);
  if (last.epoch === store.epoch) return { ...begin, keptExitsAfter: last.offset };
  const from = { offset: last.offset, cursor: keptExitsAfter };
  return beginWithGap(await gapAfter(from, 'store recreated', store, cursors), options);
}
