import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { UNKNOWN_END, UNKNOWN_EXIT_CODE } from '../../protocol/docker-event.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { RunExit, Run, Runs } from '../runs/runs.js';
import type { EventView } from '../events/event-view.js';
import { attributesOf, attributesOn } from '../../protocol/container-attributes.js';
import { DOCKER_LIFECYCLE } from '../events/filed-types.js';
import { beganAfter } from '../runs/run.js';
import { ShownEvent, type ShownOptions } from './shown-event.js';
import { textBytes } from './text-bytes.js';

/** An engine reports a start a moment late, so a short run may have ended before that, ns. */
const START_LAG = 200_000_000n;

/** The end of a run that a recorder found out. */
interface ObservedEnd {
  /** The newest run that containerd had reported by then. */
  readonly run: Run | undefined;
  readonly exitCode: string;
  readonly options: ShownOptions;
}

/** The events that an engine has reported of one container, reconciled with those of containerd. */
export class EngineProjection {
  #seen = false;
  /** Time of the newest start that the engine has reported, ns since 1970. */
  #startedAt = 0n;
  /**
   * The newest die since the last start, with the newest run that containerd had reported by then.
   */
  #ended: { readonly run: Run | undefined; readonly filledIn: boolean } | undefined;
  /** The run of the newest die. */
  #endedRun: Run | undefined;
  /** Time of the newest die, ns since 1970. */
  #diedAt = 0n;
  /** Labels, image and name of the container, by its newest event. */
  #attributes: ReadonlyMap<string, string> = new Map();
  #attributeBytes = 0;

  /** Whether the engine has reported anything. */
  get wasSeen(): boolean {
    return this.#seen;
  }

  /** Approximate bytes of the attributes. */
  get bytes(): number {
    return this.#attributeBytes;
  }

  /** Whether it has reported a die at this time or later. */
  hasDiedSince(time: bigint): boolean {
    return this.#diedAt >= time;
  }

  /** Whether a die of this run was shown. */
  hasShownEndOf(run: Run | undefined): boolean {
    return run !== undefined && run === this.#endedRun;
  }

  /**
   * The die that a recorder found out, because the engine did not report it. Undefined if a die was
   * shown since the last start.
   */
  observedEnd(view: EventView, id: string, end: ObservedEnd): ShownEvent | undefined {
    const shown = this.#ended;
    if (shown !== undefined && (shown.run === undefined || shown.run === end.run)) return undefined;
    this.#ended = { run: end.run, filledIn: true };
    this.#endedRun = end.run;
    const fields = {
      type: 'container',
      action: 'die',
      actorId: id,
      attributes: new Map(this.#attributes).set('exitCode', end.exitCode),
      scope: 'local',
      timeNano: view.timestamp,
    };
    return new ShownEvent(fields, view, end.options);
  }

  #know(attributes: ReadonlyMap<string, string>): void {
    this.#attributes = attributes;
    this.#attributeBytes = textBytes(attributes);
  }

  /** Adds the engine's description of the container, which is not shown. */
  described(container: DockerContainer): void {
    const { startedAt } = container;
    if (!this.#seen) this.#know(attributesOf(container));
    this.#seen = true;
    const started = startedAt === undefined ? 0n : nanosFromTimestamp(startedAt);
    if (started > this.#startedAt) this.#startedAt = started;
  }

  /**
   * Adds the engine's next event, and returns the event to show, if any.
   *
   * @param runs the runs that containerd has reported
   */
  next(view: EventView, event: DockerEvent, runs: Runs): ShownEvent | undefined {
    this.#seen = true;
    const { action, timeNano, exact, replayed } = event;
    if (DOCKER_LIFECYCLE.has(action)) this.#know(attributesOn(event));
    const run = this.#runOf(timeNano, runs);
    const isOfEarlierRun = run !== runs.newest;
    const options = isOfEarlierRun ? { exact, replayed, isOfEarlierRun } : event;
    if (action === 'die') return this.#die(view, event, run, options);
    if (action !== 'start') return new ShownEvent(event, view, event);
    this.#startedAt = timeNano;
    this.#ended = undefined;
    return new ShownEvent(event, view, options);
  }

  /** The run that a start or a die is about: an engine reports its starts and dies in order. */
  #runOf(time: bigint, runs: Runs): Run | undefined {
    const { newest } = runs;
    const isStarted = newest !== undefined && !beganAfter(this.#startedAt, newest);
    return isStarted ? newest : runs.reportedBy(time);
  }

  #die(
    view: EventView,
    event: DockerEvent,
    run: Run | undefined,
    options: ShownOptions,
  ): ShownEvent | undefined {
    if (!options.isOfEarlierRun) this.#diedAt = event.timeNano;
    if (this.#isDuplicate(event, run)) return undefined;
    const exitCode = this.#exitOf(run)?.status.toString();
    const isUnknown = this.#isUnknown(event, run);
    this.#ended = { run, filledIn: event.filledIn };
    this.#endedRun = run;
    if (isUnknown) return new ShownEvent(event, view, { ...options, lost: UNKNOWN_END });
    if (exitCode === undefined || exitCode === event.attributes.get('exitCode')) {
      return new ShownEvent(event, view, options);
    }
    // Engines before 24 report 255 for a killed shim, and a label of the container overwrites any
    // engine's exit code.
    const attributes = new Map(event.attributes).set('exitCode', exitCode);
    return new ShownEvent({ ...event, attributes }, view, { ...options, exact: '' });
  }

  /** Whether containerd reports this run but not its end, of which a 255 says nothing. */
  #isUnknown({ attributes }: DockerEvent, run: Run | undefined): boolean {
    if (run === undefined || run === this.#endedRun || run.exit !== undefined) return false;
    return Number(attributes.get('exitCode')) === UNKNOWN_EXIT_CODE;
  }

  /** The engine may report a die after the recorder has filled it in, but a run dies once. */
  #isDuplicate({ filledIn }: DockerEvent, run: Run | undefined): boolean {
    if (this.#ended === undefined || this.#ended.run !== run) return false;
    return filledIn || this.#ended.filledIn;
  }

  /**
   * The exit that containerd reported for the engine's die; undefined if it has not reported one,
   * or only that of an earlier run.
   */
  #exitOf(run: Run | undefined): RunExit | undefined {
    if (run?.exit === undefined || run === this.#endedRun) return undefined;
    return run.exit.exitedAt >= this.#startedAt - START_LAG ? run.exit : undefined;
  }
}
