/** One start-to-exit of a container or an exec, as far as it was reported. */
export interface Run {
  /** 0 while it was not reported. */
  pid: number;
  /** When containerd's container for it was reported, or it was first seen; ns since 1970. */
  announcedAt: bigint | undefined;
  /** Timestamps of containerd's events that reported it, ns since 1970. */
  createdAt: bigint | undefined;
  startedAt: bigint | undefined;
  exit: RunExit | undefined;
  /** The container was deleted before an exit was reported. */
  deleted: boolean;
  /** The run is over, and how it ended cannot be known. A later exit still counts. */
  lost: LostEnd | undefined;
  /** It could not be started, as its daemon or monitor says: `exit` has the code for that. */
  failedToStart: boolean;
  /** Time of the Docker engine's start event, ns since 1970. */
  engineStartedAt: bigint | undefined;
  /**
   * The end in the Docker engine's die event, until containerd reports the exit. It counts if
   * containerd never does.
   */
  engineExit: RunExit | undefined;
}

/** How a run ended. */
export interface RunExit {
  readonly status: number;
  /** ns since 1970, by the reporter's clock. */
  readonly exitedAt: bigint;
  readonly pid: number;
  /** The cursor of the entry that reported it. */
  readonly cursor: string;
}

/** Why the end of a run cannot be known. */
export interface LostEnd {
  readonly reason: string;
  /** When the run was last known to go on, ns since 1970. */
  readonly lastSeen: bigint | undefined;
  /** The cursor of the entry that reported the loss. */
  readonly cursor: string;
}

/** A run of which nothing was reported. */
export const NEW_RUN: Readonly<Run> = {
  pid: 0,
  announcedAt: undefined,
  createdAt: undefined,
  startedAt: undefined,
  exit: undefined,
  deleted: false,
  lost: undefined,
  failedToStart: false,
  engineStartedAt: undefined,
  engineExit: undefined,
};

/** Whether the run goes on, as far as it was reported. */
export function isOpen({ exit, deleted, lost }: Run): boolean {
  return exit === undefined && !deleted && lost === undefined;
}

/** Whether anything says that the run's process began to run. */
export function wasStarted({ pid, startedAt, engineStartedAt }: Run): boolean {
  return pid !== 0 || startedAt !== undefined || engineStartedAt !== undefined;
}

/** Whether containerd has reported the run's task. */
export function isReported({ pid, createdAt, startedAt }: Run): boolean {
  return pid !== 0 || createdAt !== undefined || startedAt !== undefined;
}

/**
 * Whether the run has not reached this step yet. A start that is reported after the exit belongs to
 * the ended run only if its creation was reported and its start was not.
 */
export function isBefore(step: 'createdAt' | 'startedAt', run: Run): boolean {
  const wasEndedByEngine = run.engineExit !== undefined && run.exit === run.engineExit;
  if (step === 'createdAt') {
    return run.createdAt === undefined && (run.exit === undefined || wasEndedByEngine);
  }
  if (run.startedAt !== undefined) return false;
  return run.exit === undefined || run.createdAt !== undefined || wasEndedByEngine;
}

/**
 * Whether the run began after this time, so that an engine's report of the time is about an earlier
 * run. A recorder that was away stores such reports late.
 */
export function beganAfter(time: bigint, { announcedAt, createdAt, startedAt }: Run): boolean {
  const begun = announcedAt ?? createdAt ?? startedAt;
  return begun !== undefined && time < begun;
}

/** The runs whose processes had the same pid. */
export interface PidRuns {
  readonly first: Run;
  newest: Run;
}
