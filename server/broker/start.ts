import { FoghornError } from '../../protos/errors.js';
import { parseCursor, type CursorWriter, type Place } from '../events/cursor.js';
import type { Bounds, EventStore } from '../history/store.js';
import type { Reached } from './delivery.js';
import type { ReadOptions } from './read-options.js';
import type { Gap } from './subscription-message.js';

/** Where a subscription begins: after `place`, and with a gap to tell first if its cursor's place is gone. */
export interface Start {
  readonly place: Reached;
  readonly gap: Gap | undefined;
}

/**
 * Finds the place that the options name; `now` is the place that live subscriptions have reached. Throws INVALID_ARGUMENT
 * for a cursor that is none, and OUT_OF_RANGE when its place is gone and the reader wants to fail then.
 */
export async function findStart(
  { start, onGap }: ReadOptions,
  store: EventStore,
  cursors: CursorWriter,
  now: Reached,
): Promise<Start> {
  switch (start.kind) {
    case 'now':
      return { place: now, gap: undefined };
    case 'earliest': {
      const { first } = await store.bounds();
      return { place: await placeAt(first - 1, store, cursors), gap: undefined };
    }
    case 'since': {
      const offset = await store.offsetAt(start.time);
      return { place: await placeAt(offset - 1, store, cursors), gap: undefined };
    }
    case 'after': {
      const place = parseCursor(start.cursor);
      const bounds = await store.bounds();
      const reason = await whyGone(place, store, bounds);
      if (reason === undefined) {
        return { place: { offset: place.offset, cursor: start.cursor }, gap: undefined };
      }
      const gap = await describeGap(reason, start.cursor, place, store, cursors, bounds);
      if (onGap === 'fail') throw gapError(gap);
      return { place: { offset: bounds.first - 1, cursor: gap.to }, gap };
    }
  }
}

/** Where the history ends at this moment. */
export async function lastPlace(store: EventStore, cursors: CursorWriter): Promise<Reached> {
  const { last } = await store.bounds();
  return placeAt(last, store, cursors);
}

async function placeAt(offset: number, store: EventStore, cursors: CursorWriter): Promise<Reached> {
  const fingerprint = await fingerprintAt(offset, store);
  return { offset, cursor: cursors.cursor(offset, fingerprint ?? 0) };
}

/** Undefined where there is no entry; 0 for the place before the first one. */
async function fingerprintAt(offset: number, store: EventStore): Promise<number | undefined> {
  if (offset === 0) return 0;
  const [entry] = await store.read(offset - 1, { entries: 1, bytes: 1 });
  return entry?.offset === offset ? entry.fingerprint : undefined;
}

/** Undefined when the cursor's place is still there. */
async function whyGone(
  place: Place,
  store: EventStore,
  bounds: Bounds,
): Promise<Gap['reason'] | undefined> {
  if (place.epoch !== store.epoch) return 'store recreated';
  // The entry before the first one kept is gone, but nothing after it is.
  if (place.offset === bounds.first - 1) return undefined;
  if (place.offset < bounds.first) return 'trimmed';
  const fingerprint = await fingerprintAt(place.offset, store);
  return fingerprint === place.fingerprint ? undefined : 'rolled back';
}

async function describeGap(
  reason: Gap['reason'],
  from: string,
  place: Place,
  store: EventStore,
  cursors: CursorWriter,
  { first }: Bounds,
): Promise<Gap> {
  const { cursor: to } = await placeAt(first - 1, store, cursors);
  const lostAtMost = reason === 'trimmed' ? first - 1 - place.offset : 0;
  return { kind: 'gap', reason, from, to, lostAtMost };
}

const EXPLANATIONS: Record<Gap['reason'], string> = {
  trimmed: 'the entries after it were trimmed',
  'rolled back': 'the store has lost its newest entries since, as after restoring an older copy',
  'store recreated': 'it belongs to another history: the store was made anew',
};

function gapError({ reason, from, to }: Gap): FoghornError {
  return new FoghornError(
    'OUT_OF_RANGE',
    `cannot go on after cursor ${from}: ${EXPLANATIONS[reason]} (the first entry kept follows cursor ${to})`,
  );
}
