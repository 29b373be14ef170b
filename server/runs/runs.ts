import type { RunEvent } from './run-event.js';

/** One start-to-exit of a container or an exec, as far as it was reported. */
export interface Run {
  /** 0 while it was not reported. */
  pid: number;
  /** Timestamps of the events that reported it, ns since 1970. */
  createdAt: bigint | undefined;
  startedAt: bigint | undefined;
  exit: RunExit | undefined;
  /** The container was deleted before an exit was reported. */
  deleted: boolean;
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

/** The position and time of a run event. */
export interface EventContext {
  readonly cursor: string;
  /** ns since 1970. */
  readonly timestamp: bigint;
}

/**
 * The runs of one process, derived from its events in the order of history. Runs are told apart by
 * pid and never by time, because clocks step.
 *
 * The first exit of a run is the true one; later ones are a shim's clean-up, or duplicates.
 */
export class Runs {
  #newest: Run | undefined;
  /**
   * Runs whose pid is known. A container may have had tens of thousands, so none is searched for.
   */
  readonly #byPid = new Map<number, PidRuns>();

  /** @param process '' for the container's own, otherwise an exec's id */
  constructor(private readonly process: string) {}

  get newest(): Run | undefined {
    return this.#newest;
  }

  /** The first run whose process has this pid, which is not 0. */
  withPid(pid: number): Run | undefined {
    return this.#byPid.get(pid)?.first;
  }

  /** Number of pids that are remembered. */
  get size(): number {
    return this.#byPid.size;
  }

  /** Adds the next event. Returns the exit if it ended a run. */
  add(event: RunEvent, position: EventContext): RunExit | undefined {
    if (event.kind === 'container deleted') {
      if (this.newest !== undefined && this.newest.exit === undefined) this.newest.deleted = true;
      return undefined;
    }
    if (event.process !== this.process) return undefined;
    if (event.kind === 'exit') return this.#end(event, position);
    this.#begin(event.kind === 'create' ? 'createdAt' : 'startedAt', event.pid, position.timestamp);
    return undefined;
  }

  #begin(step: 'createdAt' | 'startedAt', pid: number, timestamp: bigint): void {
    const run = pid === 0 ? this.newest : this.#byPid.get(pid)?.newest;
    // A duplicate report.
    if (run?.[step] === timestamp) return;
    const candidate = run ?? this.#newestWithoutPid();
    if (candidate === undefined || !isBefore(step, candidate)) {
      this.#newest = { ...NEW_RUN, [step]: timestamp };
      this.#identify(this.#newest, pid);
      return;
    }
    candidate[step] = timestamp;
    this.#identify(candidate, pid);
  }

  #end(
    event: RunEvent & { kind: 'exit' },
    { cursor, timestamp }: EventContext,
  ): RunExit | undefined {
    const run = this.#runEndedBy(event.pid);
    if (run.exit !== undefined) return undefined;
    this.#identify(run, event.pid);
    const { status, exitedAt = timestamp } = event;
    run.exit = { status, exitedAt, pid: run.pid, cursor };
    return run.exit;
  }

  #runEndedBy(pid: number): Run {
    const { newest } = this;
    // A clean-up after a dead shim may not know the pid.
    const known = pid === 0 ? newest : (this.#byPid.get(pid)?.newest ?? this.#newestWithoutPid());
    if (known !== undefined) return known;
    // The run's beginning was never reported. It is not the current run.
    const unseen: Run = { ...NEW_RUN };
    if (newest === undefined || newest.exit !== undefined) this.#newest = unseen;
    return unseen;
  }

  /** Notes the run's pid, unless that was not reported. */
  #identify(run: Run, pid: number): void {
    if (pid === 0 || run.pid === pid) return;
    run.pid = pid;
    const known = this.#byPid.get(pid);
    if (known === undefined) this.#byPid.set(pid, { first: run, newest: run });
    else known.newest = run;
  }

  /** The newest run, if it is still running and its pid is unknown. */
  #newestWithoutPid(): Run | undefined {
    const { newest } = this;
    return newest?.pid === 0 && newest.exit === undefined ? newest : undefined;
  }
}

/** The runs whose processes had the same pid. */
interface PidRuns {
  readonly first: Run;
  newest: Run;
}

const NEW_RUN: Readonly<Run> = {
  pid: 0,
  createdAt: undefined,
  startedAt: undefined,
  exit: undefined,
  deleted: false,
};

/**
 * Whether the run has not reached this step yet. A start that is reported after the exit belongs to
 * the ended run only if its creation was reported and its start was not.
 */
function isBefore(step: 'createdAt' | 'startedAt', run: Run): boolean {
  if (step === 'createdAt') return run.createdAt === undefined && run.exit === undefined;
  if (run.startedAt !== undefined) return false;
  return run.exit === undefined || run.createdAt !== undefined;
}
