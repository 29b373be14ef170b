import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { parseCursor } from '../events/cursor.js';
import { parseEventFilters, type EventFilters } from './event-filters.js';
import { parseQueryBoolean } from './query-boolean.js';
import { checkTimeOrder, parseQueryTime } from './query-time.js';

/** A request for events, complete and checked. Times are ns since 1970. */
export interface EventQuery {
  readonly filters: EventFilters;
  /** Start of the past: the first kept event, a time, or a cursor. Undefined for no past. */
  readonly start: 'earliest' | { readonly since: bigint } | { readonly after: string } | undefined;
  /** Leaves out later events of the past, and ends the stream once this time has passed. */
  readonly until: bigint | undefined;
  /** End after the past. */
  readonly pastOnly: boolean;
  /** End after this many events; Infinity for no limit. */
  readonly limit: number;
  /** Write the cursor of each event. */
  readonly withCursors: boolean;
  /**
   * Milliseconds without an event after which an empty line shows that the stream is alive;
   * undefined for never.
   */
  readonly heartbeat: number | undefined;
}

/**
 * Parses the parameters in dockerd's order, so that the first invalid one is reported. Throws
 * INVALID_ARGUMENT.
 */
export function parseEventQuery(parameters: URLSearchParams, now: bigint): EventQuery {
  const given = (name: string): string | undefined => {
    const text = parameters.get(name);
    return text === '' ? undefined : (text ?? undefined);
  };
  const since = parseQueryTime('since', given('since'));
  const until = parseQueryTime('until', given('until'));
  checkTimeOrder(given('since'), since, given('until'), until);
  const filters = parseEventFilters(given('filters'));
  const after = parameters.get('after') ?? undefined;
  if (after) parseCursor(after);
  const stream = parseQueryBoolean(parameters.get('stream'), true);
  const isUntilPast = until !== undefined && until <= now;
  return {
    filters,
    start: startOf(since, until !== undefined || !stream, after),
    // dockerd treats the beginning of time as no limit.
    until: until !== undefined && until > 0n ? until : undefined,
    pastOnly: isUntilPast || !stream,
    limit: countOf('limit', given('limit')) ?? Infinity,
    withCursors: after !== undefined,
    heartbeat: secondsOf('heartbeat', given('heartbeat')),
  };
}

function startOf(
  since: bigint | undefined,
  wantsPast: boolean,
  after: string | undefined,
): EventQuery['start'] {
  if (after) return { after };
  if (since !== undefined) return since <= 0n ? 'earliest' : { since };
  return wantsPast ? 'earliest' : undefined;
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw invalid(name, 'a whole number, 1 or more', text);
}

/** Seconds: a shorter one would keep the broker busy, and a longer one than a day is a mistake. */
const MIN_HEARTBEAT = 0.1;
const MAX_HEARTBEAT = 86_400;

/** Parses seconds, and returns milliseconds. */
function secondsOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const isInRange = seconds >= MIN_HEARTBEAT && seconds <= MAX_HEARTBEAT;
  if (/^\d+(\.\d+)?$/.test(text) && isInRange) return seconds * 1000;
  throw invalid(name, `${MIN_HEARTBEAT} to ${MAX_HEARTBEAT} seconds`, text);
}

function invalid(name: string, expected: string, text: string): FoghornError {
  return new FoghornError(
    'INVALID_ARGUMENT',
    `invalid value for '${name}': expected ${expected}, got ${quotedExcerpt(text)}`,
  );
}
