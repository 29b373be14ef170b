import { timestampFromNanos } from '../../client/index.js';
import type { Envelope } from '../../client/index.js';
import { OBSERVED_RUN_TOPIC } from '../../protocol/recorder-topics.js';
import { ObservedRun } from '../../protos/gen/foghorn/v1/run.js';
import type { HostBoot } from './host-boot.js';

export type RunObservation = NonNullable<ObservedRun['observation']>;

/** The run that an observation is about. */
export interface ObservedSubject {
  readonly namespace: string;
  readonly containerId: string;
  /** 0 if it is not known. */
  readonly pid: number;
}

/** @param time of the observation, ns since 1970 */
export function observedRunEnvelope(
  { namespace, containerId, pid }: ObservedSubject,
  time: bigint,
  observation: RunObservation,
): Envelope {
  const value = ObservedRun.encode({ containerId, pid, observation }).finish();
  return {
    timestamp: timestampFromNanos(time),
    namespace,
    topic: OBSERVED_RUN_TOPIC,
    event: { typeUrl: 'foghorn.v1.ObservedRun', value: Buffer.from(value) },
  };
}

/**
 * An end that cannot be known.
 *
 * @param daemon name of the daemon that does not know it
 * @param lastSeen when the run was last known to go on, ns since 1970
 * @param boot the newest boot of the daemon's host
 */
export function lostRun(
  daemon: string,
  lastSeen: bigint | undefined,
  boot: HostBoot,
): RunObservation {
  const wasRebooted = lastSeen !== undefined && lastSeen < boot.time;
  return {
    $case: 'lost',
    value: {
      reason: wasRebooted ? 'host rebooted' : `${daemon} no longer knows the run`,
      lastSeen: lastSeen === undefined ? undefined : timestampFromNanos(lastSeen),
    },
  };
}
