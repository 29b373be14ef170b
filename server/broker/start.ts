import { parseCursor, type CursorWriter, type Position } from '../events/cursor.js';
import type { EventStore } from '../history/store.js';
import { gapError } from '../../protocol/gaps.js';
import { findGap, gapAfter, type FoundGap } from './gap.js';
import { positionAt, positionOf } from './position.js';
import type { SubscriptionOptions } from './read-options.js';
import type { Gap } from './subscription-message.js';

/**
 * The position at which a subscription begins, and the gap before it, if the position of its cursor
 * is gone.
 */
export interface Start {
  readonly position: Position;
  readonly gap: Gap | undefined;
  /** Begin with the kept exits after this offset; undefined to leave them out. */
  readonly keptExitsAfter: number | undefined;
  /** Begins at the start of the history or at a time, and not at the position of a cursor. */
  readonly fromPast: boolean;
  /**
   * Wanted entries may be among the kept exits, in case retention removes entries before the first
   * read.
   */
  readonly coversKeptExits: boolean;
}

/** The options that decide where a subscription begins. */
interface StartOptions extends Pick<SubscriptionOptions, 'start' | 'scope' | 'onGap'> {
  /** The filter passes lasting entries alone. */
  readonly wantsOnlyLasting: boolean;
}

/**
 * Finds the start that the options name; `now` is the newest position. Throws INVALID_ARGUMENT for
 * text that is not a cursor, and OUT_OF_RANGE if the position of a cursor is gone and the reader
 * wants to fail then.
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
    case 'newest': {
      const offset = Math.max(0, now.offset - start.entries);
      const { first } = await store.bounds();
      if (offset < first) return fromPast(options, undefined, first, store, cursors);
      return beginAt(await positionAt(offset, store, cursors));
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

function beginWithGap(
  { gap, position }: FoundGap,
  { onGap }: Pick<SubscriptionOptions, 'onGap'>,
): Start {
  if (onGap === 'fail') throw gapError(gap);
  return { ...beginAt(position), gap };
}

/**
 * Begins with the entry at an offset. If that is the first kept entry, kept exits come before it.
 */
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
