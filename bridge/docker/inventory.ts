import { systemClock } from '../../protocol/clock.js';
import { CONTAINER_TOPIC, dockerTopic } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { DockerRecorderContext } from './recorder-context.js';
import { readEntries } from '../read-history.js';
import { containerEnvelope } from './envelopes.js';
import { inspectedContainer } from './inspected-container.js';

/**
 * Containers that are inspected at the same time; few, so as not to keep an engine from its work.
 */
const CONCURRENT_REQUESTS = 4;

/** Topics of entries that show whether a container runs, and how it ended. */
const STATE_TOPICS = [
  CONTAINER_TOPIC,
  ...['create', 'start', 'die', 'destroy'].map((action) =>
    dockerTopic({ type: 'container', action }),
  ),
];

/**
 * Stores the engine's descriptions of containers that the history does not know: those that were
 * there before the recording began, or for longer than retention keeps events.
 */
export class Inventory {
  readonly #filters: readonly string[];
  #work: Promise<void> = Promise.resolve();
  /**
   * Containers that are being inspected, and whether the engine has sent an event of them since.
   */
  readonly #inspected = new Map<string, boolean>();
  #isRefused = false;

  constructor(private readonly context: DockerRecorderContext) {
    this.#filters = STATE_TOPICS.map((topic) => `topic==${JSON.stringify(topic)}`);
  }

  /** Starts a pass over all containers, after the passes started before; the signal ends it. */
  begin(signal: AbortSignal): void {
    this.#work = this.#work.then(() => this.#describeAll(signal));
  }

  /** Resolves when no pass is running. */
  whenIdle(): Promise<void> {
    return this.#work;
  }

  /** Notes an event of a container: a description requested before it may be outdated. */
  onEvent({ type, actorId }: DockerEvent): void {
    if (type === 'container' && this.#inspected.has(actorId)) this.#inspected.set(actorId, true);
  }

  async #describeAll(signal: AbortSignal): Promise<void> {
    try {
      const ids = (await this.context.engine.containerIds(this.#limited(signal))).values();
      this.#isRefused = false;
      // The spool may still hold events of these containers, which the history does not show yet.
      await this.context.queue.whenDrained(signal);
      const workers = Array.from({ length: CONCURRENT_REQUESTS }, async () => {
        for (const id of ids) await this.#describe(id, signal);
      });
      await Promise.all(workers);
    } catch (error) {
      if (!(error instanceof FoghornError)) throw error;
      if (!signal.aborted) this.#reportRefusal(error);
    }
  }

  #reportRefusal({ message }: FoghornError): void {
    if (!this.#isRefused) {
      this.context.say(`cannot list the containers that exist already: ${message}`);
    }
    this.#isRefused = true;
  }

  async #describe(id: string, signal: AbortSignal): Promise<void> {
    if ((await this.#isKnown(id, signal)) || signal.aborted) return;
    const { queue, namespace } = this.context;
    let time: bigint;
    let container: DockerContainer | undefined;
    do {
      this.#inspected.set(id, false);
      time = systemClock();
      container = await this.#inspect(id, signal);
    } while (container !== undefined && this.#inspected.get(id) === true);
    this.#inspected.delete(id);
    if (container === undefined) return;
    queue.add({ envelope: containerEnvelope(namespace, time, container) });
  }

  async #isKnown(id: string, signal: AbortSignal): Promise<boolean> {
    const container = { namespace: this.context.namespace, id };
    const all = { container, start: 'earliest', stopWhenCaughtUp: true } as const;
    const stateEntries = { ...all, filters: this.#filters, limit: 1 };
    const entries = readEntries(this.context, stateEntries, signal);
    const { done } = await entries.next();
    await entries.return(undefined);
    return done !== true;
  }

  /** Returns undefined for a container that was removed or that the engine cannot describe now. */
  async #inspect(id: string, signal: AbortSignal): Promise<DockerContainer | undefined> {
    try {
      return inspectedContainer(await this.context.engine.inspect(id, this.#limited(signal)));
    } catch (error) {
      if (error instanceof FoghornError) return undefined;
      throw error;
    }
  }

  #limited(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, AbortSignal.timeout(this.context.timings.answerTimeout)]);
  }
}
