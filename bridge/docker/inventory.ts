import { systemClock } from '../../protocol/clock.js';
import { CONTAINER_TOPIC, dockerTopic } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { DockerRecorderContext } from './recorder-context.js';
import { readEntries } from './read-history.js';
import { containerEnvelope } from './envelopes.js';
import { inspectedContainer } from './inspected-container.js';

/** Most containers that are looked into at a time, so that an engine is not kept from its work. */
const CONCURRENT_REQUESTS = 4;

/** Milliseconds for which an answer is waited for: an engine may hang over one container. */
const ANSWER_TIMEOUT_MS = 30_000;

/** What is recorded under one of these tells whether a container runs, and how it ended. */
const STATE_TOPICS = [
  CONTAINER_TOPIC,
  ...['create', 'start', 'die', 'destroy'].map((action) =>
    dockerTopic({ type: 'container', action }),
  ),
];

/**
 * Stores how the engine describes those of its containers of which the history tells nothing: they were there before the
 * recording began, or for longer than anything is kept.
 */
export class Inventory {
  readonly #clock = systemClock();
  readonly #filters: readonly string[];
  #work: Promise<void> = Promise.resolve();
  /** Containers that the engine is asked about, and whether it has told something of them since. */
  readonly #asked = new Map<string, boolean>();
  #isRefused = false;

  constructor(private readonly context: DockerRecorderContext) {
    this.#filters = STATE_TOPICS.map((topic) => `topic==${JSON.stringify(topic)}`);
  }

  /** Begins to look through all containers, after what it has begun before, and leaves off when the signal aborts. */
  begin(signal: AbortSignal): void {
    this.#work = this.#work.then(() => this.#describeAll(signal));
  }

  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void> {
    return this.#work;
  }

  /** An event is in hand: what the engine says of its container meanwhile may be older. */
  onEvent({ type, actorId }: DockerEvent): void {
    if (type === 'container' && this.#asked.has(actorId)) this.#asked.set(actorId, true);
  }

  async #describeAll(signal: AbortSignal): Promise<void> {
    try {
      const ids = (await this.#containerIds(signal)).values();
      this.#isRefused = false;
      const works = Array.from({ length: CONCURRENT_REQUESTS }, async () => {
        for (const id of ids) await this.#describe(id, signal);
      });
      await Promise.all(works);
    } catch (error) {
      if (!(error instanceof FoghornError)) throw error;
      if (!signal.aborted) this.#reportRefusal(error);
    }
  }

  #reportRefusal({ message }: FoghornError): void {
    if (!this.#isRefused) {
      this.context.say(`containers from before the recording stay unknown: ${message}`);
    }
    this.#isRefused = true;
  }

  async #containerIds(signal: AbortSignal): Promise<string[]> {
    const listed = await this.#get('/containers/json?all=1', signal);
    const containers = Array.isArray(listed)
      ? (listed as ({ readonly Id?: unknown } | null)[])
      : [];
    return containers.flatMap((one) => (typeof one?.Id === 'string' ? one.Id : []));
  }

  async #describe(id: string, signal: AbortSignal): Promise<void> {
    if ((await this.#isKnown(id, signal)) || signal.aborted) return;
    const { queue, namespace } = this.context;
    let time: bigint;
    let container: DockerContainer | undefined;
    do {
      this.#asked.set(id, false);
      time = this.#clock();
      container = await this.#inspect(id, signal);
    } while (container !== undefined && this.#asked.get(id) === true);
    this.#asked.delete(id);
    if (container === undefined) return;
    queue.add({ envelope: containerEnvelope(namespace, time, container) });
  }

  async #isKnown(id: string, signal: AbortSignal): Promise<boolean> {
    const container = { namespace: this.context.namespace, id };
    const all = { container, start: 'earliest', stopWhenCaughtUp: true } as const;
    const telling = { ...all, filters: this.#filters, limit: 1 };
    const entries = readEntries(this.context, telling, signal);
    const { done } = await entries.next();
    await entries.return(undefined);
    return done !== true;
  }

  /** Undefined for a container that has gone meanwhile, or of which the engine says nothing now. */
  async #inspect(id: string, signal: AbortSignal): Promise<DockerContainer | undefined> {
    try {
      return inspectedContainer(
        await this.#get(`/containers/${encodeURIComponent(id)}/json`, signal),
      );
    } catch (error) {
      if (error instanceof FoghornError) return undefined;
      throw error;
    }
  }

  #get(path: string, signal: AbortSignal): Promise<unknown> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    return this.context.engine.json(path, limited);
  }
}
