import { setTimeout as delay } from 'node:timers/promises';
import {
  parseCursor,
  type CursorWriter,
  type Position,
  type CursorParts,
} from '../events/cursor.js';
import type { Damage, EventStore } from '../history/store.js';
import { fingerprintAt, positionAt, positionBeforeFirst } from './position.js';
import type { Gap } from './subscription-message.js';

/**
 * How long a cursor may be ahead of the history as this broker sees it: another broker may have
 * given it out.
 */
const PATIENCE_MS = 1000;
const POLL_MS = 50;

/** A gap, and the position after it. */
export interface FoundGap {
  readonly gap: Gap;
  readonly position: Position;
}

/**
 * The gap for a reader with this cursor; undefined if it has lost nothing. Throws INVALID_ARGUMENT
 * for text that is not a cursor.
 */
export async function findGap(
  cursor: string,
  store: EventStore,
  cursors: CursorWriter,
): Promise<FoundGap | undefined> {
  const position = parseCursor(cursor);
  const reason = await whyGone(position, store);
  if (reason === undefined) return undefined;
  return gapAfter({ offset: position.offset, cursor }, reason, store, cursors);
}

/** The gap from a position to the first entry that is kept. */
export async function gapAfter(
  from: Position,
  reason: Gap['reason'],
  store: EventStore,
  cursors: CursorWriter,
): Promise<FoundGap> {
  const position = await positionBeforeFirst(store, cursors);
  const lostAtMost = reason === 'trimmed' ? position.offset - from.offset : 0;
  return {
    position,
    gap: { kind: 'gap', reason, from: from.cursor, to: position.cursor, lostAtMost },
  };
}

/** The gap that a reader meets where the next entries are damaged. */
export async function gapOfDamage(
  from: Position,
  damage: Damage,
  store: EventStore,
  cursors: CursorWriter,
): Promise<FoundGap> {
  const position = await positionAt(damage.to, store, cursors);
  return { position, gap: damagedGap(from, damage, position) };
}

/**
 * The gap where kept exits are damaged. It does not move the reader, whose position is after them.
 */
export function gapOfDamagedExits(position: Position, damage: Damage): FoundGap {
  return { position, gap: damagedGap(position, damage, position) };
}

function damagedGap({ cursor: from }: Position, damage: Damage, { cursor: to }: Position): Gap {
  const lostAtMost = damage.to - damage.from + 1;
  return { kind: 'gap', reason: 'damaged', from, to, lostAtMost };
}

/** The gap that stands for a span in which a recorder may have missed events. */
export function notRecorded(from: string, to: string): Gap {
  return { kind: 'gap', reason: 'not recorded', from, to, lostAtMost: 0 };
}

/** The reason why a position is gone; undefined if it is not. */
async function whyGone(
  position: CursorParts,
  store: EventStore,
): Promise<Gap['reason'] | undefined> {
  if (position.epoch !== store.epoch) return 'store recreated';
  if (!(await isReached(position.offset, store))) return 'rolled back';
  const fingerprint = await fingerprintAt(position.offset, store);
  // Nothing after a damaged entry is lost with it; whether it is the same one cannot be known.
  if (fingerprint === position.fingerprint || Number.isNaN(fingerprint)) return undefined;
  const { first } = await store.bounds();
  // The position just before the first kept entry: its entry is gone, but nothing after it is.
  if (position.offset === first - 1) return undefined;
  return position.offset < first ? 'trimmed' : 'rolled back';
}

async function isReached(offset: number, store: EventStore): Promise<boolean> {
  for (let waited = 0; ; waited += POLL_MS) {
    const { last } = await store.bounds();
    if (offset <= last) return true;
    if (waited >= PATIENCE_MS) return false;
    await delay(POLL_MS);
  }
}
