import { FoghornError } from '../../protocol/errors.js';
import { MAX_PID } from '../../protocol/limits.js';
import type { ContainerKey, WaitRequest } from '../../protos/gen/foghorn/v1/history.js';
import type { ReadStatus } from '../read/read-options.js';

/** Which run's end to wait for, and for how long. `pid`, `after` and `next` exclude each other. */
export interface WaitOptions {
  /** An exec of the container, instead of the container's own process. */
  readonly exec?: string | undefined;
  /** The first run whose process has this id. */
  readonly pid?: number | undefined;
  /** The first end that is stored after the entry with this cursor, for example that of a start. */
  readonly after?: string | undefined;
  /** The first end that is stored from now on. */
  readonly next?: boolean | undefined;
  /** Milliseconds; unlimited unless given. */
  readonly timeout?: number | undefined;
  /** Gives the call up; it rejects with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Told each time that the connection is lost or stands again. */
  readonly onStatus?: ((status: ReadStatus) => void) | undefined;
}

/**
 * The condition that the options name; undefined for `next`, which depends on where the history is now.
 *
 * @throws FoghornError INVALID_ARGUMENT when they name more than one, or a process id that is none.
 */
export function waitCondition({ pid, after, next = false }: WaitOptions): WaitRequest['condition'] {
  const given = [pid !== undefined, after !== undefined, next].filter(Boolean);
  if (given.length > 1) throw invalid('wait: expected at most one of pid, after and next');
  if (pid !== undefined) {
    if (!(Number.isInteger(pid) && pid > 0 && pid <= MAX_PID)) {
      throw invalid(`pid ${pid}: expected the id of a process`);
    }
    return { $case: 'pid', value: pid };
  }
  if (after === '') throw invalid('after: expected a cursor');
  if (after !== undefined) return { $case: 'nextExit', value: { after } };
  return next ? undefined : { $case: 'notRunning', value: {} };
}

/** What is waited for, in words. */
export function waitSubject({ containerId }: ContainerKey, exec: string | undefined): string {
  return exec ? `exec ${exec} of container ${containerId}` : `container ${containerId}`;
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', text);
}
