import type { SteadySettings } from '../loads/steady.js';
import type { LoadSettings } from '../loads/closed-loop.js';
import type { Subjects } from '../loads/docker/subjects.js';
import type { Program } from '../support/program.js';

/** Rate of the events; each kind of daemon adds the concurrency at which it is fastest. */
export type Tempo = Omit<LoadSettings, 'inFlight'> | SteadySettings;

/** Registers a cleanup step for the end of the round. */
export type Defer = (step: () => unknown) => void;

/** A daemon with Docker's event stream. */
export interface DockerDaemon {
  readonly pid: number;
  /** Socket for the clients. */
  readonly socketPath: string;
  /** Starts a process that causes events. */
  load(tempo: Tempo): Promise<Program>;
}

export interface DaemonKind {
  readonly name: string;
  /** Reason why the daemon cannot run on this machine; undefined if it can. */
  readonly missing: string | undefined;
  /** Starts a daemon that holds nothing but the subjects of the events. */
  start(subjects: Subjects, defer: Defer): Promise<DockerDaemon>;
}
