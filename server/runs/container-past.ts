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
 * Size of the first read after an offset: usually few entries follow, and those after the span are
 * not wanted.
 */
const FIRST_READ_ENTRIES = 8;

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
  for (let size = after === 0 ? Infinity : FIRST_READ_ENTRIES; ; size *= 2) {
    const events = await entries.next(size);
    if (events === undefined) return OVERTAKEN;
    if (events.length === 0) return result;
    for (const event of events) {
      if (event.offset > upTo || !fold.take(result, event)) return result;
    }
  }
}
