import { momentNanos, momentTimestamp, type Moment } from '../moment.js';
import type { Bookmark } from './bookmark.js';
import type { FoghornError } from '../../protocol/errors.js';
import { GapPolicy } from '../../protos/gen/foghorn/v1/history.js';
import type { ReadRequest } from '../../protos/gen/foghorn/v1/history.js';
import { timestampFromNanos } from '../../protocol/timestamp.js';

/**
 * The start of a read: now, with the first entry that is kept, after an entry's cursor, or with the
 * first entry whose time is `since` or later.
 */
export type ReadStart =
  'now' | 'earliest' | { readonly after: string } | { readonly since: Moment };

/** The state of a read's connection. */
export type ReadStatus =
  | { readonly state: 'connected' }
  | {
      readonly state: 'disconnected';
      readonly error: FoghornError;
      /** Milliseconds until the next attempt. */
      readonly retryInMs: number;
    };

export interface ReadOptions {
  /** Filter expressions, of which any may match; none means every event. */
  readonly filters?: readonly string[];
  /** Only the events of one container. */
  readonly container?: { readonly namespace: string; readonly id: string };
  /** `now` unless given. */
  readonly start?: ReadStart;
  /** Starts after the cursor that is saved here, if there is one, and saves how far it comes. */
  readonly resume?: Bookmark;
  /**
   * Leaves out later entries and ends once that moment has passed.
   */
  readonly until?: Moment;
  /** Ends when everything stored so far was read, instead of following. */
  readonly stopWhenCaughtUp?: boolean;
  /** Ends after this many entries. */
  readonly limit?: number;
  /**
   * Decides whether a read fails or continues when entries after its start, or after the position
   * of a resume, are lost; `fail` unless given.
   */
  readonly gapPolicy?: 'fail' | 'continue';
  /**
   * Adds to each entry, in `dockerEvent`, the event that Docker clients see. Entries without one
   * are delivered, and count for the limit, like others.
   */
  readonly dockerView?: boolean;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** Called each time that the connection is lost or established again. */
  readonly onStatus?: (status: ReadStatus) => void;
}

/** The start of a request, and its limit of entries; 0 is unlimited. */
export interface RequestPlace {
  readonly start: ReadStart;
  /** Only kept exits after this cursor; all if empty. */
  readonly keptExitsAfter: string;
  readonly limit: number;
}

/** The request for a read with these options from this start. */
export function readRequest(
  options: ReadOptions,
  { start, keptExitsAfter, limit }: RequestPlace,
): ReadRequest {
  return {
    filters: [...(options.filters ?? [])],
    container: options.container && {
      namespace: options.container.namespace,
      containerId: options.container.id,
    },
    start: startField(start),
    until: momentTimestamp(options.until, 'until'),
    stopWhenCaughtUp: options.stopWhenCaughtUp ?? false,
    limit: BigInt(limit),
    keptExitsAfter,
    dockerView: options.dockerView ?? false,
    maxEntryBytes: 0n,
    gapPolicy:
      options.gapPolicy === 'continue' ? GapPolicy.GAP_POLICY_CONTINUE : GapPolicy.GAP_POLICY_FAIL,
  };
}

/** A start as the API has it. */
export function startField(start: ReadStart): NonNullable<ReadRequest['start']> {
  if (start === 'now') return { $case: 'now', value: {} };
  if (start === 'earliest') return { $case: 'earliest', value: {} };
  if ('after' in start) return { $case: 'after', value: start.after };
  return { $case: 'since', value: timestampFromNanos(momentNanos(start.since, 'since')) };
}
