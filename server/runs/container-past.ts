import type { Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import type { ContainerReader } from '../broker/container-reader.js';
import type { EventView } from '../events/event-view.js';
import type { Scope } from '../events/filing.js';

/** Entries after one offset, up to and including another. */
export interface Span {
  readonly after: number;
  readonly upTo: number;
}

/** How something is derived from a container's entries, one after the other. */
export interface Fold<Result> {
  /** Called again when the fold has to start over. */
  begin(): Result;
  /** Returns false when it needs no more entries. */
  take(result: Result, event: EventView): boolean;
}

/**
 * Sizes of the first read, because entries after the span are not wanted: up to an offset, often
 * none precedes it; after an offset, usually few follow.
 */
const FIRST_READ_ENTRIES = { upToOffset: 1, afterOffset: 8 };

/** Growth of each read against the one before. */
const GROWTH = 8;

/**
 * Folds the kept entries of a container, oldest first, without those of its execs. Throws
 * PERMISSION_DENIED.
 */
export async function foldContainer<Result>(
  broker: Broker,
  caller: Caller,
  key: Scope['key'],
  span: Span,
  fold: Fold<Result>,
): Promise<Result> {
  for (;;) {
    const result = await broker.readContainer(caller, key, span.after, (entries) =>
      foldOnce(entries, span, fold),
    );
    if (result !== OVERTAKEN) return result;
  }
}

/** Retention has removed entries before they were read. */
const OVERTAKEN = Symbol('overtaken');

async function foldOnce<Result>(
  entries: ContainerReader,
  { after, upTo }: Span,
  fold: Fold<Result>,
): Promise<Result | typeof OVERTAKEN> {
  const result = fold.begin();
  for (let size = firstSize({ after, upTo }); ; size *= GROWTH) {
    const events = await entries.next(size);
    if (events === undefined) return OVERTAKEN;
    if (events.length === 0) return result;
    for (const event of events) {
      if (event.offset > upTo || !fold.take(result, event)) return result;
    }
  }
}

function firstSize({ after, upTo }: Span): number {
  if (after > 0) return FIRST_READ_ENTRIES.afterOffset;
  return upTo === Infinity ? Infinity : FIRST_READ_ENTRIES.upToOffset;
}
