import { nanosFromTimestamp } from '../../client/index.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { ContainerHistory, ReportedExit, ReportedRun } from './container-history.js';

const SECOND = 1_000_000_000n;

/**
 * Returns the `die` event that the engine did not report for the run that ended with this exit.
 * Returns undefined if the engine reported it, if the exit is not the first of its run, or if
 * nothing shows that the container is the engine's.
 */
export function missedDie(
  id: string,
  history: ContainerHistory,
  exit: Pick<ReportedExit, 'cursor'>,
): DockerEvent | undefined {
  const run = history.runs.find((one) => one.exit?.cursor === exit.cursor);
  const { attributes } = history;
  if (run?.exit === undefined || attributes === undefined) return undefined;
  if (history.dies.some((die) => runOf(die, history.runs) === run)) return undefined;
  return {
    type: 'container',
    action: 'die',
    actorId: id,
    attributes: dieAttributes(attributes, run, run.exit),
    scope: 'local',
    timeNano: run.exit.time,
    exact: '',
    replayed: false,
    filledIn: true,
  };
}

/**
 * Returns the run that a die at this time belongs to: the last run that had ended by then, unless
 * the container had been started again. Otherwise it is the first run that ended within a second
 * after the die, because the clocks of the engine and containerd may differ.
 */
function runOf(die: bigint, runs: readonly ReportedRun[]): ReportedRun | undefined {
  const ended = runs.findLastIndex(({ exit }) => exit !== undefined && exit.time <= die);
  const next = runs.slice(ended + 1).find(({ createdAt }) => createdAt !== undefined);
  if (ended >= 0 && (next?.createdAt === undefined || die < next.createdAt)) return runs[ended];
  return runs.find(({ exit }) => exit && exit.time > die && exit.time <= die + SECOND);
}

function dieAttributes(
  attributes: ReadonlyMap<string, string>,
  { startedAt }: ReportedRun,
  { time, report: { exitStatus, exitedAt } }: ReportedExit,
): Map<string, string> {
  const own = new Map(attributes);
  own.set('exitCode', String(exitStatus));
  const end = exitedAt === undefined ? time : nanosFromTimestamp(exitedAt);
  if (startedAt !== undefined && end >= startedAt) {
    own.set('execDuration', String((end - startedAt) / SECOND));
  }
  return own;
}
