import { systemClock } from '../../protocol/clock.js';
import { parseDockerEvent } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { DaemonAwayError, type AskedContainer } from '../../client/own-programs.js';
import { observedRunEnvelope } from '../reconcile/observed-run.js';
import { isNotRunning } from './engine.js';
import { failedStart, type FailedStart } from './inspected-container.js';
import type { DockerRecorderContext } from './recorder-context.js';
import { RestartingContainers } from './restarting-containers.js';

/** Most containers whose failed starts are remembered. */
const MAX_REMEMBERED = 10_000;

/**
 * Brings the history up to date with an engine: everything that the engine has done when it is
 * asked is then stored.
 */
export class EngineAnswers {
  /** The newest failed start that was stored of each container. */
  readonly #failedStarts = new Map<string, string>();

  readonly #restarting: RestartingContainers;

  constructor(private readonly context: DockerRecorderContext) {
    this.#restarting = new RestartingContainers(context);
  }

  /**
   * Resolves when everything is stored that the engine has done, and the reason why this container
   * could not be started. Rejects if the engine does not answer: with DaemonAwayError if it
   * does not run and was asked about a container, because it may have been killed during a start,
   * which containerd carries out.
   */
  async bringUpToDate(asked: AskedContainer | undefined, signal: AbortSignal): Promise<void> {
    try {
      // An engine answers about a container once a start that is under way has succeeded or failed.
      const answer = asked && (await this.context.engine.inspect(asked.containerId, signal));
      await this.#whenArrived(signal);
      if (asked === undefined) await this.#restarting.describeAll(signal);
      else this.#note(asked.containerId, answer);
    } catch (error) {
      if (!(error instanceof FoghornError) || !isNotRunning(error)) throw error;
      if (asked !== undefined) throw new DaemonAwayError(error.message, { cause: error });
      // An engine that does not run starts nothing that an event could report.
    }
    await this.context.queue.whenStored(signal);
    signal.throwIfAborted();
  }

  /** Notes an event that has arrived. */
  onEvent(event: DockerEvent): void {
    this.#restarting.onEvent(event);
  }

  /** Stores what no event says in the engine's answer about a container. */
  #note(id: string, answer: unknown): void {
    const failed = failedStart(answer);
    if (failed !== undefined) this.#store(id, failed);
    this.#restarting.note(answer);
  }

  /**
   * Stores why a container could not be started, if its engine says so and it is not stored yet.
   */
  async noteFailedStart(id: string, signal: AbortSignal): Promise<void> {
    const answer = await this.context.engine.inspect(id, signal);
    const failed = failedStart(answer);
    if (failed !== undefined) this.#store(id, failed);
    // The container is gone, as after a failed `docker run --rm`.
    else if (answer === undefined && !this.#failedStarts.has(id))
      this.#store(id, {
        exitStatus: undefined,
        reason:
          'it could not be started and was removed, before the engine could be asked for the reason',
        startedAt: '',
      });
  }

  #store(containerId: string, { exitStatus, reason, startedAt }: FailedStart): void {
    const summary = JSON.stringify([exitStatus, reason, startedAt]);
    if (this.#failedStarts.get(containerId) === summary) return;
    this.#failedStarts.delete(containerId);
    this.#failedStarts.set(containerId, summary);
    if (this.#failedStarts.size > MAX_REMEMBERED) {
      for (const [oldest] of this.#failedStarts) {
        this.#failedStarts.delete(oldest);
        break;
      }
    }
    const { namespace, queue } = this.context;
    const subject = { namespace, containerId, pid: 0 };
    const observation = { $case: 'notStarted', value: { exitStatus, reason } } as const;
    queue.add({ envelope: observedRunEnvelope(subject, systemClock(), observation) });
  }

  /** Resolves when every event has arrived that the engine remembers now. */
  async #whenArrived(signal: AbortSignal): Promise<void> {
    const { engine, received } = this.context;
    const now = systemClock();
    const since = received.newest;
    const span = { since, until: since > now ? since : now };
    let last: string | undefined;
    const { lines } = await engine.events(span, signal);
    for await (const line of lines) if (line !== '') last = line;
    if (last !== undefined) await received.whenArrived(parseDockerEvent(last).timeNano, signal);
  }
}
