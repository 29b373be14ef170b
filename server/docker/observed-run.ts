import type { ObservedRun } from '../../protos/gen/foghorn/v1/run.js';
import type { Change } from './run-change.js';
import type { ShownOptions } from './shown-event.js';

type Observation = NonNullable<ObservedRun['observation']>;

/** The exit code that engines show for an end that they do not know. */
const LOST_EXIT_CODE = 255;

/**
 * The change that an observation stands for; undefined for the end of a run, which is shown as an
 * event.
 *
 * @param time of the observation, ns since 1970
 */
export function changeIn(observation: Observation, time: bigint): Change | undefined {
  if (observation.$case === 'goesOn') return { kind: 'running', time };
  if (observation.$case !== 'notStarted') return undefined;
  const { exitStatus: exitCode, reason } = observation.value;
  return { kind: 'not started', exitCode, reason };
}

/** How a run ended that is over. */
export function observedEnd(observation: Observation): {
  readonly exitCode: string;
  readonly options: ShownOptions;
} {
  const options = { exact: '', replayed: false };
  if (observation.$case === 'ended') {
    return { exitCode: String(observation.value.exitStatus), options };
  }
  const lost = observation.$case === 'lost' ? observation.value.reason : 'unknown';
  return { exitCode: String(LOST_EXIT_CODE), options: { ...options, lost } };
}
