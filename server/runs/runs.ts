import { ContainerEnd } from './container-end.js';
import { runOfDescription } from './described-run.js';
import { endByEngine, mayHaveAnotherCode } from './engine-end.js';
import type { EventContext, OwnRunEvent, RunEvent } from './run-event.js';
import {
  beganAfter,
  isBefore,
  isOpen,
  isReported,
  NEW_RUN,
  wasStarted,
  type PidRuns,
  type Run,
  type RunExit,
} from './run.js';

export type { Run, RunExit } from './run.js';

/** An engine reports a start a moment late, so a short run may have ended before that, ns. */
const ENGINE_LAG = 200_000_000n;

/**
 * The runs of one process, derived from its events in the order of history. Runs are told apart by
 * pid and never by time, because clocks step.
 *
 * The first exit of a run is the true one; later ones are a shim's clean-up, or duplicates. What a
 * Docker engine reports is matched with the runs by time, because an engine reports no pid. Its die
 * is an end like containerd's exit, unless its code may not be that of the run.
 */
export class Runs {
  #newest: Run | undefined;
  /** The run before the newest one. */
  #previous: Run | undefined;
  /** A container may have had tens of thousands, so none is searched for. */
  readonly #byPid = new Map<number, PidRuns>();
  readonly #containerEnd = new ContainerEnd();
  /** When the engine removed the container, ns since 1970. */
  #destroyedAt: bigint | undefined;

  /**
   * @param process '' for the container's own, otherwise an exec's id
   * @param onBegin called with each run when it is first reported, in the order of history
   */
  constructor(
    private readonly process: string,
    private readonly onBegin: (run: Run) => void = () => undefined,
  ) {}

  get newest(): Run | undefined {
    return this.#newest;
  }

  /**
   * The run that an engine's report of this time is about, ns since 1970: the newest run, or the
   * one before if the report is late. Undefined for an earlier run.
   */
  reportedBy(time: bigint): Run | undefined {
    const { newest } = this;
    const isOfNewest =
      newest === undefined || newest.engineStartedAt !== undefined || !beganAfter(time, newest);
    if (isOfNewest) return newest;
    return this.#previous && beganAfter(time, this.#previous) ? undefined : this.#previous;
  }

  /** The first run whose process has this pid, which is not 0. */
  withPid(pid: number): Run | undefined {
    return this.#byPid.get(pid)?.first;
  }

  /** Number of pids that are remembered. */
  get size(): number {
    return this.#byPid.size;
  }

  /** Whether an exec is over without a report of how it ended: its container is gone. */
  get isExecOver(): boolean {
    const { newest } = this;
    const { isGone, hasEnded } = this.#containerEnd;
    if (newest?.exit !== undefined) return false;
    return isGone || (hasEnded && newest !== undefined && !wasStarted(newest));
  }

  /** Adds the next event. Returns the exit if it ended a run. */
  add(event: RunEvent, position: EventContext): RunExit | undefined {
    this.#containerEnd.add(event);
    switch (event.kind) {
      case 'container created':
        return this.#announce(position);
      case 'container deleted':
        return this.#delete();
      case 'create':
      case 'start':
        if (event.process !== this.process) return undefined;
        return this.#begin(event.kind, event.pid, position.timestamp);
      case 'exit':
        return event.process === this.process ? this.#end(event, position) : undefined;
      case 'exec lost':
        return event.process === this.process ? this.#lose(event, position) : undefined;
      default:
        // The rest is about the container's own process.
        return this.process === '' ? this.#observe(event, position) : undefined;
    }
  }

  #observe(event: OwnRunEvent, position: EventContext): RunExit | undefined {
    switch (event.kind) {
      case 'goes on':
        return this.#goesOn(event.pid, position);
      case 'not started':
        return this.#notStarted(event.status, position);
      case 'lost':
        return this.#lose(event, position);
      case 'engine destroy':
        return this.#destroy(position.timestamp);
      case 'engine start':
        return this.#engineStarted(position.timestamp);
      case 'engine die':
        return this.#engineEnded(event.status, position);
      case 'described':
        return this.#describe(event, position);
    }
  }

  /** A new containerd object. Its failed start or its removal may have been stored before. */
  #announce({ timestamp }: EventContext): RunExit | undefined {
    if (this.process !== '') return undefined;
    const { newest } = this;
    if (newest !== undefined && isOpen(newest) && !isReported(newest)) return undefined;
    const overAt = newest?.failedToStart ? newest.exit?.exitedAt : this.#destroyedAt;
    if (overAt !== undefined && overAt >= timestamp) return undefined;
    this.#startNew({ announcedAt: timestamp });
    return undefined;
  }

  /** containerd's event follows its exit, which may be stored after the engine's event. */
  #destroy(time: bigint): RunExit | undefined {
    this.#destroyedAt = time;
    const { newest } = this;
    const isDecided =
      newest === undefined || !isReported(newest) || newest.engineExit !== undefined;
    return isDecided ? this.#delete() : undefined;
  }

  #delete(): RunExit | undefined {
    // The recording may have begun after the container did.
    const newest = this.#newest ?? (this.process === '' ? this.#startNew({}) : undefined);
    if (newest === undefined || newest.exit !== undefined) return undefined;
    if (newest.engineExit !== undefined) return endByEngine(newest, this.#containerEnd);
    newest.deleted = true;
    return undefined;
  }

  #begin(kind: 'create' | 'start', pid: number, timestamp: bigint): RunExit | undefined {
    const step = kind === 'create' ? 'createdAt' : 'startedAt';
    const run = pid === 0 ? this.newest : this.#byPid.get(pid)?.newest;
    // A duplicate report.
    if (run?.[step] === timestamp) return undefined;
    const candidate = run ?? this.#newestWithoutPid() ?? this.#endedByEngine(timestamp);
    const isNew = candidate === undefined || (candidate.pid === 0 && candidate.lost !== undefined);
    if (isNew || !isBefore(step, candidate)) {
      this.#identify(this.#startNew({ [step]: timestamp }), pid);
      return undefined;
    }
    candidate[step] = timestamp;
    this.#identify(candidate, pid);
    return undefined;
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
    run.failedToStart ||= !wasStarted(run) && run.createdAt !== undefined;
    return run.exit;
  }

  #goesOn(pid: number, { timestamp }: EventContext): RunExit | undefined {
    const { newest } = this;
    if (newest !== undefined && isOpen(newest) && (pid === 0 || newest.pid === pid))
      return undefined;
    const run = this.#newestWithoutPid() ?? this.#startNew({ announcedAt: timestamp });
    this.#identify(run, pid);
    return undefined;
  }

  #notStarted(
    status: number | undefined,
    { cursor, timestamp }: EventContext,
  ): RunExit | undefined {
    let { newest } = this;
    if (newest?.failedToStart) return undefined;
    if (newest === undefined || newest.exit !== undefined || wasStarted(newest)) {
      newest = this.#startNew({});
    }
    if (status === undefined) {
      newest.deleted = true;
      return undefined;
    }
    newest.failedToStart = true;
    newest.exit = { status, exitedAt: timestamp, pid: 0, cursor };
    return newest.exit;
  }

  #lose(
    { pid, reason, lastSeen }: RunEvent & { kind: 'lost' | 'exec lost' },
    { cursor }: EventContext,
  ): RunExit | undefined {
    // The recording may have begun after the run.
    const run =
      (pid === 0 ? this.newest : (this.#byPid.get(pid)?.newest ?? this.#newestWithoutPid())) ??
      this.#startNew({});
    if (run.exit !== undefined) return undefined;
    if (run.engineExit !== undefined) return endByEngine(run, this.#containerEnd);
    run.lost ??= { reason, lastSeen, cursor };
    return undefined;
  }

  #engineStarted(time: bigint): RunExit | undefined {
    const { newest } = this;
    if (this.reportedBy(time) !== newest) return undefined;
    const isReportOfNewest =
      newest !== undefined &&
      newest.engineStartedAt === undefined &&
      (isOpen(newest) || (newest.exit?.exitedAt ?? 0n) >= time - ENGINE_LAG);
    if (isReportOfNewest) newest.engineStartedAt = time;
    else if (newest?.engineStartedAt !== time) this.#startNew({ engineStartedAt: time });
    return undefined;
  }

  #engineEnded(status: number, { cursor, timestamp }: EventContext): RunExit | undefined {
    const run = this.#newest === undefined ? this.#startNew({}) : this.reportedBy(timestamp);
    if (run === undefined || (run.exit ?? run.engineExit) !== undefined) return undefined;
    run.engineExit = { status, exitedAt: timestamp, pid: run.pid, cursor };
    // containerd's exit follows.
    if (mayHaveAnotherCode(run, this.#containerEnd)) return undefined;
    return endByEngine(run, this.#containerEnd);
  }

  /** Takes the engine's description of a container if nothing else is known about a run of it. */
  #describe(
    described: RunEvent & { kind: 'described' },
    { cursor }: EventContext,
  ): RunExit | undefined {
    const { newest } = this;
    if (newest !== undefined && wasStarted(newest)) return undefined;
    const run = runOfDescription(described, cursor);
    return run && this.#startNew(run).exit;
  }

  /** Begins a run. One that is open ended before, as its engine said, or nobody knows how. */
  #startNew(known: Partial<Run>): Run {
    if (this.#newest !== undefined) endByEngine(this.#newest, this.#containerEnd);
    this.#previous = this.#newest;
    this.#newest = { ...NEW_RUN, ...known };
    this.onBegin(this.#newest);
    return this.#newest;
  }

  #runEndedBy(pid: number): Run {
    const { newest } = this;
    // A clean-up after a dead shim may not know the pid.
    const known = pid === 0 ? newest : (this.#byPid.get(pid)?.newest ?? this.#newestWithoutPid());
    if (known !== undefined) return known;
    // The run's beginning was never reported. It is not the current run.
    const unseen: Run = { ...NEW_RUN };
    this.onBegin(unseen);
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

  /** The newest run, if only its engine reported it, and said that it ended after this time. */
  #endedByEngine(timestamp: bigint): Run | undefined {
    const { newest } = this;
    if (newest?.engineExit === undefined || isReported(newest)) return undefined;
    return newest.engineExit.exitedAt >= timestamp ? newest : undefined;
  }
}
