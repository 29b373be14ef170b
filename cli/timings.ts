import { DOCKER_RECORDER_TIMINGS } from '../bridge/docker/timings.js';
import type { DockerRecorderTimings } from '../bridge/docker/timings.js';

/** Durations that commands work with, in milliseconds. */
export interface CommandTimings {
  readonly dockerRecorder: DockerRecorderTimings;
  /** Pause of `serve` between two checks of the default spool. */
  readonly spoolPickupInterval: number;
  /** How long `monitor` waits for the broker when it has no spool. */
  readonly monitorReportTimeout: number;
}

export const DEFAULT_TIMINGS: CommandTimings = {
  dockerRecorder: DOCKER_RECORDER_TIMINGS,
  spoolPickupInterval: 1000,
  monitorReportTimeout: 2500,
};
