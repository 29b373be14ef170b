import type { FoghornError } from '../../protocol/errors.js';
import { GapPolicy } from '../../protos/gen/foghorn/v1/history.js';
import type { ReadRequest } from '../../protos/gen/foghorn/v1/history.js';
import { timestampFromNanos } from '../../protocol/timestamp.js';

/**
 * Where a read starts: now, with the first entry that is kept, after an entry's cursor, or with the
 * first entry whose time (nanoseconds since the Unix epoch) is `since` or later.
 */
export type ReadStart =
  'now' | 'earliest' | { readonly after: string } | { readonly since: bigint };

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
  /** Leave out later entries and end once that moment has passed; nanoseconds since the Unix epoch. */
  readonly until?: bigint;
  /** End when everything stored so far has been read, instead of following. */
  readonly stopWhenCaughtUp?: boolean;
  /** End after this many entries. */
  readonly limit?: number;
  /** What to do when entries after the start, or after the place of a resume, are lost: `fail` unless given. */
  readonly gapPolicy?: 'fail' | 'continue';
  /**
   * Tell what Docker clients see of each entry, in its `dockerEvent`. Entries of which they see nothing are delivered, and
   * count for the limit, like the others.
   */
  readonly dockerView?: boolean;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** Told each time that the connection is lost or stands again. */
  readonly onStatus?: (status: ReadStatus) => void;
}

/** Where a request begins, and how many entries it is for; 0 is unlimited. */
export interface RequestPlace {
  readonly start: ReadStart;
  /** Of the kept exits, those after this cursor; empty for all. */
  readonly keptExitsAfter: string;
  readonly limit: number;
}

/** The request that asks for what the options say, from a place. */
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
    until: options.until === undefined ? undefined : timestampFromNanos(options.until),
    stopWhenCaughtUp: options.stopWhenCaughtUp ?? false,
    limit: BigInt(limit),
    keptExitsAfter,
    dockerView: options.dockerView ?? false,
    gapPolicy:
      options.gapPolicy === 'continue' ? GapPolicy.GAP_POLICY_CONTINUE : GapPolicy.GAP_POLICY_FAIL,
  };
}

function startField(start: ReadStart): ReadRequest['start'] {
  if (start === 'now') return { $case: 'now', value: {} };
  if (start === 'earliest') return { $case: 'earliest', value: {} };
  if ('after' in start) return { $case: 'after', value: start.after };
  return { $case: 'since', value: timestampFromNanos(start.since) };
}
