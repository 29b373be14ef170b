import { Runs, type RunExit, type Run } from '../../../server/runs/runs.js';
import type { RunEvent } from '../../../server/runs/run-event.js';

type ExitEvent = RunEvent & { kind: 'exit' };

export function create(pid: number, process = ''): RunEvent {
  return { kind: 'create', process, pid };
}

export function start(pid: number, process = ''): RunEvent {
  return { kind: 'start', process, pid };
}

export function exit(pid: number, status: number, process = ''): ExitEvent {
  return { kind: 'exit', process, pid, status, exitedAt: 1000n + BigInt(status) };
}

export const deleted: RunEvent = { kind: 'container deleted' };

/** The runs of a process after these events, and the exits that ended a run, in their order. */
export function runsAfter(
  events: readonly RunEvent[],
  process = '',
): { runs: Runs; ended: readonly RunExit[] } {
  const runs = new Runs(process);
  const ended: RunExit[] = [];
  for (const [at, event] of events.entries()) {
    // The same object is a duplicate report, with the same time.
    const timestamp = BigInt(events.indexOf(event));
    const one = runs.add(event, { cursor: `#${at}`, timestamp });
    if (one !== undefined) ended.push(one);
  }
  return { runs, ended };
}

/** Short form of a run's state. */
export function stateOf(run: Run | undefined): number | 'open' | 'deleted' | 'none' {
  if (run === undefined) return 'none';
  return run.exit?.status ?? (run.deleted ? 'deleted' : 'open');
}
