import { FoghornError } from '../../protocol/errors.js';
import { MAX_PID } from '../../protocol/limits.js';
import type { ContainerKey, WaitRequest } from '../../protos/gen/foghorn/v1/history.js';
import type { ReadStatus } from '../read/read-options.js';

/** Selects the run to wait for, and for how long. `pid`, `after` and `next` exclude each other. */
export interface WaitOptions {
  /** Waits for an exec of the container instead of its own process. */
  readonly exec?: string | undefined;
  /** Selects the first run whose process has this id. */
  readonly pid?: number | undefined;
  /**
   * Selects the first end that is stored after the entry with this cursor, for example that of a
   * start.
   */
  readonly after?: string | undefined;
  /** Selects the first end that is stored from now on. */
  readonly next?: boolean | undefined;
  /** Milliseconds; unlimited unless given. */
  readonly timeout?: number | undefined;
  /** Cancels the call, which rejects with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Called each time that the connection is lost or established again. */
  readonly onStatus?: ((status: ReadStatus) => void) | undefined;
}

/**
 * The condition in the options; undefined for `next`, which depends on where the history ends now.
 *
 * @throws FoghornError INVALID_ARGUMENT for more than one condition or an invalid process id.
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

/** Describes the awaited process in error texts. */
export function waitSubject({ containerId }: ContainerKey, exec: string | undefined): string {
  return exec ? `exec ${exec} of container ${containerId}` : `container ${containerId}`;
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', text);
}
