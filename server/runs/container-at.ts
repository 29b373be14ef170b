import type { Container, LifecycleState } from '../../protocol/container.js';
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

/** The container at a moment, or now; undefined if it did not exist yet. */
export function containerAt(
  lifecycle: ContainerLifecycle,
  at: bigint | undefined,
): Container | undefined {
  const lifetime = lifecycle.lifetimes.findLast(
    ({ createdAt }) => createdAt === undefined || isBy(createdAt, at),
  );
  if (lifetime === undefined) return undefined;
  const run = newestRun(lifecycle.runs, at, lifetime);
  const isRemoved = lifetime.removedAt !== undefined && isBy(lifetime.removedAt, at);
  const { key, details } = lifecycle;
  return {
    namespace: key.namespace,
    id: key.container,
    name: details.name,
    image: details.image,
    labels: details.labels,
    state: isRemoved ? 'removed' : stateOf(lifecycle, run, at),
    createdAt: lifetime.createdAt,
    removedAt: isRemoved ? lifetime.removedAt : undefined,
    run: run && runAt(run, at),
  };
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
