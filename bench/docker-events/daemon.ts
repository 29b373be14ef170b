import type { SteadySettings } from '../loads/steady.js';
import type { LoadSettings } from '../loads/closed-loop.js';
import type { Subjects } from '../loads/docker/subjects.js';
import type { Program } from '../support/program.js';

/** How fast events are made; each kind of daemon knows how many at a time make it fastest. */
export type Tempo = Omit<LoadSettings, 'inFlight'> | SteadySettings;

/** Registers what is to be undone when the round is over. */
export type Defer = (step: () => unknown) => void;

/** One that tells of events to Docker clients. */
export interface Daemon {
  readonly pid: number;
  /** Where the clients ask. */
  readonly socketPath: string;
  /** Starts a process that makes events happen. */
  load(tempo: Tempo): Promise<Program>;
}

export interface DaemonKind {
  readonly name: string;
  /** Why there is none on this machine. */
  readonly missing: string | undefined;
  /** Starts one with nothing in it but what events will be about. */
  start(subjects: Subjects, defer: Defer): Promise<Daemon>;
}
