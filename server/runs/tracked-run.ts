import type { ContainerRun } from '../../protocol/container.js';
import { isOpen, wasStarted, type Run } from './run.js';

/** One existence of a container: its id may be used again after its removal. ns since 1970. */
export interface Lifetime {
  createdAt: bigint | undefined;
  removedAt: bigint | undefined;
  /** Whether it began before the recording, so that it may have had runs that nothing reported. */
  mayHaveRun?: boolean;
}

/** A run of a container, with what its own events do not say. */
export interface TrackedRun {
  run: Run;
  /** The existence in which it was reported. */
  readonly lifetime: Lifetime;
  /** Start in the engine's description of the container, ns since 1970. */
  describedStart: bigint | undefined;
  /** A process was killed because the container's memory was used up. */
  oom: boolean;
  /** Time of the event after which the run was over, if that did not say how it ended. */
  overAt: bigint | undefined;
}

/** When the run's process started, if that was reported. */
export function startOf({ run, describedStart }: TrackedRun): bigint | undefined {
  return run.startedAt ?? run.engineStartedAt ?? describedStart;
}

/** When the run was first reported; undefined if that was before the first entry kept. */
export function beginOf(reported: TrackedRun): bigint | undefined {
  const { failedToStart, exit } = reported.run;
  const failedAt = failedToStart ? exit?.exitedAt : undefined;
  return reported.run.createdAt ?? startOf(reported) ?? failedAt;
}

/** When the run was over, or was last known to go on; undefined while it goes on. */
export function endOf({ run, overAt }: TrackedRun): bigint | undefined {
  return run.exit?.exitedAt ?? run.lost?.lastSeen ?? overAt;
}

/** Whether anything was reported of the run besides its announcement. */
export function hasBegun({ run, describedStart }: TrackedRun): boolean {
  return (
    wasStarted(run) ||
    run.createdAt !== undefined ||
    run.exit !== undefined ||
    run.lost !== undefined ||
    describedStart !== undefined
  );
}

/** Whether the run went on at a moment; undefined is now. */
export function goesOnAt(reported: TrackedRun, at: bigint | undefined): boolean {
  const begin = beginOf(reported);
  if (begin !== undefined && at !== undefined && begin > at) return false;
  const end = endOf(reported);
  if (end === undefined) return isOpen(reported.run);
  return at !== undefined && end > at;
}

/** Whether only the task of the run existed at a moment, and its process had not started. */
export function isOnlyCreatedAt(reported: TrackedRun, at: bigint | undefined): boolean {
  const start = startOf(reported);
  if (start === undefined) return reported.run.createdAt !== undefined;
  return at !== undefined && start > at;
}

/** The run as it was known at a moment; undefined is now. */
export function runAt(reported: TrackedRun, at: bigint | undefined): ContainerRun {
  const { run, oom } = reported;
  const { exit, lost } = run;
  const start = startOf(reported);
  const isOver = !goesOnAt(reported, at);
  const isLost = isOver && exit === undefined;
  return {
    pid: run.pid,
    startedAt: at !== undefined && start !== undefined && start > at ? undefined : start,
    finishedAt: isOver ? exit?.exitedAt : undefined,
    exitCode: isOver ? exit?.status : undefined,
    lostReason: isLost ? lostReason(run) : '',
    lastSeen: isLost ? lost?.lastSeen : undefined,
    failedToStart: isOver && run.failedToStart,
    oom: isOver && oom,
    cursor: isOver ? (exit?.cursor ?? lost?.cursor ?? '') : '',
  };
}

function lostReason({ lost, deleted }: Run): string {
  if (lost !== undefined) return lost.reason;
  return deleted
    ? 'the container was removed before an end was reported'
    : 'the next run began before an end was reported';
}
