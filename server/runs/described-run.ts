import type { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { UNKNOWN_EXIT_CODE } from '../../protocol/docker-event.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import { NEW_RUN, type Run } from './run.js';

/** The newest run of a container as its engine described it. Times are ns since 1970. */
export interface DescribedRun {
  /** Undefined if it never ran. */
  readonly startedAt: bigint | undefined;
  /** `status` is undefined if the engine does not know it. */
  readonly end:
    { readonly status: number | undefined; readonly exitedAt: bigint } | 'it has not ended';
}

/**
 * Returns what a description says about the container's newest run. That of a container that is
 * restarting has ended, and the next one has not begun.
 */
export function describedRun(container: DockerContainer): DescribedRun {
  const { status: state, startedAt: started, finishedAt } = container;
  const startedAt = timeOf(started);
  if (state === 'running' || state === 'paused') return { startedAt, end: 'it has not ended' };
  const exitedAt = timeOf(finishedAt) ?? startedAt ?? 0n;
  return { startedAt, end: { status: knownExitCode(container), exitedAt } };
}

/** The exit code in a description; undefined if the engine does not know it. */
export function knownExitCode({ exitCode }: DockerContainer): number | undefined {
  if (exitCode === undefined || exitCode < 0) return undefined;
  return exitCode === UNKNOWN_EXIT_CODE ? undefined : exitCode;
}

/**
 * Returns a run of which only its engine's description is known; undefined if there was none.
 *
 * @param cursor of the description's entry
 */
export function runOfDescription(
  { startedAt, end }: DescribedRun,
  cursor: string,
): Run | undefined {
  if (startedAt === undefined) return undefined;
  const run: Run = { ...NEW_RUN, engineStartedAt: startedAt };
  if (end === 'it has not ended') return run;
  const { status, exitedAt } = end;
  if (status !== undefined) run.exit = { status, exitedAt, pid: 0, cursor };
  else run.lost = { reason: 'the engine does not know the code', lastSeen: startedAt, cursor };
  return run;
}

function timeOf(time: Timestamp | undefined): bigint | undefined {
  return time && nanosFromTimestamp(time);
}
