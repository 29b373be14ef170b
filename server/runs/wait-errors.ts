import { FoghornError } from '../../protocol/errors.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';
import { timestampFromNanos } from '../../protocol/timestamp.js';
import type { ContainerKey } from '../events/filing.js';
import type { LostEnd } from './run.js';

export function damagedEnd({ namespace, container }: ContainerKey): FoghornError {
  return new FoghornError(
    'DATA_LOSS',
    `how container ${container} of namespace ${namespace} ended cannot be known: entries about it may be among those that are damaged in the store`,
  );
}

export function neverReported({ namespace, container }: ContainerKey): FoghornError {
  return new FoghornError(
    'NOT_FOUND',
    `container ${container} of namespace ${namespace} was deleted, and how it ended was never reported`,
  );
}

/** @param process '' for the container's own, otherwise an exec's id */
export function neverStarted(
  { namespace, container }: ContainerKey,
  process: string,
): FoghornError {
  const subject = process === '' ? 'a process of its own' : `exec ${process}`;
  return new FoghornError(
    'NOT_FOUND',
    `container ${container} of namespace ${namespace} was deleted, and ${subject} was never reported to run`,
  );
}

/** @param process '' for the container's own, otherwise an exec's id */
export function lostEnd(
  { namespace, container }: ContainerKey,
  process: string,
  lost: LostEnd,
): FoghornError {
  const subject = process === '' ? '' : `exec ${process} of `;
  return new FoghornError(
    'ABORTED',
    `how ${subject}container ${container} of namespace ${namespace} ended is lost: ${lostText(lost)}`,
  );
}

/** The reason of a lost end and when its run was last seen, for people. */
export function lostText({ reason, lastSeen }: Pick<LostEnd, 'reason' | 'lastSeen'>): string {
  if (lastSeen === undefined) return reason;
  const time = formatRfc3339(timestampFromNanos(lastSeen), 'needed');
  return time === undefined ? reason : `${reason}; last seen running at ${time}`;
}
