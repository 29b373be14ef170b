import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { RunExit, Run } from '../runs/runs.js';
import type { EventView } from '../events/event-view.js';
import { ShownEvent } from './shown-event.js';

/** An engine reports a start a moment late, so a short run may have ended before that, ns. */
const START_LAG = 200_000_000n;

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

  /** Whether the engine has reported anything. */
  get wasSeen(): boolean {
    return this.#seen;
  }

  /** Adds the engine's description of the container, which is not shown. */
  described({ startedAt }: DockerContainer): void {
    this.#seen = true;
    const started = startedAt === undefined ? 0n : nanosFromTimestamp(startedAt);
    if (started > this.#startedAt) this.#startedAt = started;
  }

  /**
   * Adds the engine's next event, and returns the event to show, if any.
   *
   * @param run the newest run that containerd has reported
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
    if (this.#isDuplicate(event, run)) return undefined;
    const exitCode = this.#exitOf(run)?.status.toString();
    this.#ended = { run, filledIn: event.filledIn };
    this.#endedRun = run;
    if (exitCode === undefined || exitCode === event.attributes.get('exitCode')) {
      return new ShownEvent(event, view, event);
    }
    // Engines before 24 report 255 for a killed shim, and a label of the container overwrites any
    // engine's exit code.
    const attributes = new Map(event.attributes).set('exitCode', exitCode);
    return new ShownEvent({ ...event, attributes }, view, { ...event, exact: '' });
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
