import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { RunExit, Run } from '../runs/runs.js';
import type { EventView } from '../events/event-view.js';
import { ShownEvent } from './shown-event.js';

/** An engine tells of a start a moment after it, so that a short run may have ended before, ns. */
const START_LAG = 200_000_000n;

/** What an engine has told of one container, and how that goes together with what containerd has. */
export class EngineProjection {
  #seen = false;
  /** Of the newest start that the engine has told of, ns since 1970. */
  #startedAt = 0n;
  /** The newest die, while no start was told after it; with the run that containerd had reported last by then. */
  #ended: { readonly run: Run | undefined; readonly filledIn: boolean } | undefined;
  /** The run that the newest die of all was about. */
  #toldRun: Run | undefined;

  /** Whether it has told anything. */
  get wasSeen(): boolean {
    return this.#seen;
  }

  /** The engine has described the container: nothing is shown of it. */
  described({ startedAt }: DockerContainer): void {
    this.#seen = true;
    const started = startedAt === undefined ? 0n : nanosFromTimestamp(startedAt);
    if (started > this.#startedAt) this.#startedAt = started;
  }

  /**
   * What is shown of the engine's next event.
   *
   * @param run the newest one that containerd has reported
   */
  next(view: EventView, event: DockerEvent, run: Run | undefined): ShownEvent | undefined {
    this.#seen = true;
    if (event.action === 'start') {
      this.#startedAt = event.timeNano;
      this.#ended = undefined;
    }
    if (event.action !== 'die') return new ShownEvent(event, view, event);
    return this.#die(view, event, run);
  }

  #die(view: EventView, event: DockerEvent, run: Run | undefined): ShownEvent | undefined {
    if (this.#isToldAlready(event, run)) return undefined;
    const exitCode = this.#exitOf(run)?.status.toString();
    this.#ended = { run, filledIn: event.filledIn };
    this.#toldRun = run;
    if (exitCode === undefined || exitCode === event.attributes.get('exitCode')) {
      return new ShownEvent(event, view, event);
    }
    // Engines before 24 tell 255 of a killed shim, and a label of the container overwrites what any engine tells.
    const attributes = new Map(event.attributes).set('exitCode', exitCode);
    return new ShownEvent({ ...event, attributes }, view, { ...event, exact: '' });
  }

  /** The engine may tell after all what was filled in, but a run dies once. */
  #isToldAlready({ filledIn }: DockerEvent, run: Run | undefined): boolean {
    if (this.#ended === undefined || this.#ended.run !== run) return false;
    return filledIn || this.#ended.filledIn;
  }

  /** How containerd reported the end that the engine tells of; undefined when it has not, or only that of an earlier run. */
  #exitOf(run: Run | undefined): RunExit | undefined {
    if (run?.exit === undefined || run === this.#toldRun) return undefined;
    return run.exit.exitedAt >= this.#startedAt - START_LAG ? run.exit : undefined;
  }
}
