import { nanosFromTimestamp } from '../../client/index.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { ContainerHistory, ReportedExit, ReportedRun } from './container-history.js';

const SECOND = 1_000_000_000n;

/**
 * The die that the engine has not told of the run that ended with this exit. Undefined when it has, when the exit is not the first
 * of its run, and when nothing says that the container is the engine's.
 */
export function missedDie(
  id: string,
  past: ContainerHistory,
  exit: Pick<ReportedExit, 'cursor'>,
): DockerEvent | undefined {
  const run = past.runs.find((one) => one.exit?.cursor === exit.cursor);
  const { attributes } = past;
  if (run?.exit === undefined || attributes === undefined) return undefined;
  if (past.dies.some((die) => runOf(die, past.runs) === run)) return undefined;
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
 * The run that a die at this time belongs to: the last that had ended by then, unless the container had begun to run again, or else the
 * first that ended within a second after it, since not all clocks are the same.
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
