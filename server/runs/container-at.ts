import type { Container, ContainerRun, LifecycleState } from '../../protocol/container.js';
import type { ContainerLifecycle } from './lifecycle.js';
import {
  beginOf,
  endOf,
  goesOnAt,
  hasBegun,
  isOnlyCreatedAt,
  runAt,
  type Lifetime,
  type TrackedRun,
} from './tracked-run.js';

/** A run at a moment before the history begins, of which only later events are known. */
const UNKNOWN_RUN = unreportedRun(
  'the history begins later, and nothing reports whether it ran then',
);

/** Stands for the runs that a container may have had before it was recorded. */
const UNRECORDED_RUN = unreportedRun(
  'it is older than the recording, and nothing reports whether it ran',
);

/**
 * The container at a moment, or now; undefined if it did not exist yet.
 *
 * @param knownFrom time of the first kept entry, ns since 1970: the events before it are not known
 */
export function containerAt(
  lifecycle: ContainerLifecycle,
  at: bigint | undefined,
  knownFrom?: bigint,
): Container | undefined {
  const lifetime = lifecycle.lifetimes.findLast(
    ({ createdAt }) => createdAt === undefined || isBy(createdAt, at),
  );
  if (lifetime === undefined) return undefined;
  const run = newestRun(lifecycle.runs, at, lifetime);
  const isRemoved = lifetime.removedAt !== undefined && isBy(lifetime.removedAt, at);
  const isEarlier = at !== undefined && at < (knownFrom ?? 0n) && !isReportedAt(lifetime, run);
  const isUnrecorded = run === undefined && lifetime.mayHaveRun === true;
  const unknown = isEarlier ? UNKNOWN_RUN : isUnrecorded ? UNRECORDED_RUN : undefined;
  const state = unknown === undefined ? stateOf(lifecycle, run, at) : 'lost';
  const { key, details } = lifecycle;
  return {
    namespace: key.namespace,
    id: key.container,
    name: details.name,
    image: details.image,
    labels: details.labels,
    state: isRemoved && !isEarlier ? 'removed' : state,
    createdAt: lifetime.createdAt,
    removedAt: isRemoved ? lifetime.removedAt : undefined,
    run: unknown ?? (run && runAt(run, at)),
  };
}

function unreportedRun(lostReason: string): ContainerRun {
  return {
    pid: 0,
    startedAt: undefined,
    finishedAt: undefined,
    exitCode: undefined,
    lostReason,
    lastSeen: undefined,
    failedToStart: false,
    oom: false,
    cursor: '',
  };
}

/** Whether a report says when the run began, or when the container was created without one. */
function isReportedAt(lifetime: Lifetime, run: TrackedRun | undefined): boolean {
  return (run === undefined ? lifetime.createdAt : beginOf(run)) !== undefined;
}

function isBy(time: bigint, at: bigint | undefined): boolean {
  return at === undefined || time <= at;
}

/** The run that goes on at a moment, or else the one that ended last before it. */
function newestRun(
  runs: readonly TrackedRun[],
  at: bigint | undefined,
  lifetime: Lifetime,
): TrackedRun | undefined {
  let ended: TrackedRun | undefined;
  for (let i = runs.length - 1; i >= 0; i--) {
    const run = runs[i];
    if (run?.lifetime !== lifetime || !hasBegun(run)) continue;
    if (goesOnAt(run, at)) return run;
    const end = endOf(run);
    if (end === undefined || !isBy(end, at)) continue;
    if (ended === undefined || end > (endOf(ended) ?? 0n)) ended = run;
  }
  return ended;
}

function stateOf(
  { pauses }: ContainerLifecycle,
  run: TrackedRun | undefined,
  at: bigint | undefined,
): LifecycleState {
  if (run === undefined) return 'created';
  if (!goesOnAt(run, at)) return run.run.exit === undefined ? 'lost' : 'exited';
  if (isOnlyCreatedAt(run, at)) return 'created';
  const change = pauses.findLast(({ time }) => isBy(time, at));
  const isPaused = change?.paused === true && change.time >= (beginOf(run) ?? 0n);
  return isPaused ? 'paused' : 'running';
}
