import type { AskedWait } from './asked-wait.js';
import type { Life } from './life.js';
import type { TrueRun } from './truth.js';

/**
 * The worth of an answer:
 * - `true`: the code of a run that was the newest one during the wait;
 * - `error`: an error;
 * - `clean-up`: 137, which containerd reports for a run whose shim was killed;
 * - `wrong`: another code;
 * - `hanging`: none in time.
 */
export const VERDICTS = ['true', 'error', 'clean-up', 'wrong', 'hanging'] as const;
export type Verdict = (typeof VERDICTS)[number];

const SIGKILLED = 137;

/** A Docker engine's code for a start that failed for no fault of the command. */
const FAILED_START = 128;

/** Seconds by which two readings of the clock may differ, which has hundredths. */
const RESOLUTION = 0.02;

/** Longest time between the line that a container writes at last and its exit, seconds. */
const EXIT_LAG = 1;

/** @param shimsKilledAt when shims had been killed, seconds since the boot */
export function judge(
  wait: AskedWait,
  runs: readonly TrueRun[],
  shimsKilledAt: readonly number[],
): Verdict {
  const { answer, life, askedAt, answeredAt = Infinity } = wait;
  if (answer === undefined || wait.isLate) return 'hanging';
  if (typeof answer === 'string') return 'error';
  const candidates = runs.filter((_, index) => mayCount(wait, runs, index));
  if (candidates.some((run) => run.code === answer)) return 'true';
  if (life.failedWith !== undefined && answer === life.failedWith) return 'true';
  if (answer === FAILED_START && runs.length === 0 && wasRemovedUnstarted(life)) return 'true';
  if (answer === SIGKILLED && candidates.some((run) => wasKilled(run, life, answeredAt)))
    return 'true';
  // The removal also kills a task that was created and never started.
  const wasRemoved = life.removedAt !== undefined && life.removedAt < answeredAt;
  if (answer === SIGKILLED && wasRemoved && runs.length === 0) return 'true';
  if (answer === SIGKILLED && candidates.some((run) => neverExited(run, life))) return 'true';
  const began = Math.min(runs[0]?.begun ?? Infinity, life.starts[0] ?? Infinity);
  const failed = life.failedWith === undefined ? undefined : life.failedAt;
  const wasOnlyCreated = Math.min(began, failed ?? Infinity) + RESOLUTION > askedAt;
  // A Docker engine answers 0 for a container that never ran, too.
  if (answer === 0 && wasOnlyCreated && wait.way !== 'gRPC') return 'true';
  // containerd also cleans up a task that was created and never started.
  const begins = runs.length === 0 ? [life.failedAt ?? askedAt] : candidates.map(begunOf);
  const isCleanedUp = begins.some((begun) =>
    shimsKilledAt.some((at) => at > begun && at < answeredAt),
  );
  if (answer === SIGKILLED && isCleanedUp) return 'clean-up';
  return 'wrong';
}

/**
 * Whether the engine removed the container because its start had failed. Its code for that went
 * with the container.
 */
function wasRemovedUnstarted({ kind, starts, failedAt, failedWith }: Life): boolean {
  const isFailed = starts.length === 0 && failedAt !== undefined && failedWith === undefined;
  return isFailed && kind === 'removed';
}

/**
 * Whether the round itself had killed the run by then: by a signal, by the removal of its
 * container, or because the engine gave up its start. A run that wrote down its own end was not
 * killed, unless it had no time to exit.
 */
function wasKilled(
  { begun, ended = Infinity }: TrueRun,
  { killedAt, removedAt, failedAt }: Life,
  by: number,
): boolean {
  return [killedAt, removedAt, failedAt].some(
    (at) => at !== undefined && at < by && at > begun && at < ended + EXIT_LAG,
  );
}

/**
 * Whether the run was killed before the round removed its container, because it had the time to
 * write down its end and did not. An engine that comes back kills what it is to remove.
 */
function neverExited({ begun, ended }: TrueRun, { seconds, removedAt }: Life): boolean {
  return ended === undefined && removedAt !== undefined && removedAt > begun + seconds + EXIT_LAG;
}

function begunOf({ begun }: TrueRun): number {
  return begun;
}

/** Whether a run may have been the newest one at a moment of the wait. */
function mayCount(
  { life, askedAt, answeredAt = Infinity, way }: AskedWait,
  runs: readonly TrueRun[],
  index: number,
): boolean {
  const { begun, ended = Infinity } = runs[index]!;
  if (begun > answeredAt + RESOLUTION) return false;
  // A removal ends this wait, too, with the code of the newest run.
  const endsByRemoval = life.kind === 'removed' || (life.removedAt ?? Infinity) <= answeredAt;
  if (way === 'next-exit' && !endsByRemoval && ended + EXIT_LAG < askedAt) return false;
  return supersededAt(life, runs, index) + RESOLUTION >= askedAt;
}

/** When the run after this one was there for sure. */
function supersededAt(life: Life, runs: readonly TrueRun[], index: number): number {
  const next = runs[index + 1]?.begun ?? Infinity;
  // Only a life without restarts has one start for each run.
  const confirmed = life.kind === 'restarted' ? undefined : life.starts[index + 1];
  return Math.min(next, confirmed ?? Infinity);
}
