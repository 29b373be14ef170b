import { FoghornError } from '../../protocol/errors.js';
import { RECORDING_KEY, type DockerEventFields } from '../../protocol/docker-event.js';
import type { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import { ContainerState } from './container-state.js';
import { findRecording } from './engine-recording.js';
import type { EventFilters } from './event-filters.js';
import type { StreamSource } from './stream-source.js';
import type { LiveReader } from './live-feed.js';
import { readContainer } from './read-container.js';
import type { ShownEvent } from './shown-event.js';

/** Containers that are read from the history side by side. */
const AT_ONCE = 64;

const CONTAINER_EVENTS: EventFilters = {
  matches: ({ type }: DockerEventFields) => type === 'container',
  prefixes: undefined,
  fullId: undefined,
  label: undefined,
  containersOnly: true,
};

/**
 * All containers that the history knows, to find one by its name or the beginning of its id. It is read from the history when
 * it is opened, and follows what happens until it is closed.
 */
export class ContainerDirectory implements LiveReader {
  readonly filters = CONTAINER_EVENTS;
  readonly #states = new Map<string, ContainerState>();
  /** What happened while the history is read. */
  #early: (() => void)[] | undefined = [];
  #cut = false;

  private constructor(private readonly source: StreamSource) {}

  static async open(source: StreamSource): Promise<ContainerDirectory> {
    const directory = new ContainerDirectory(source);
    try {
      await directory.#read(await source.feed.join(directory));
      return directory;
    } catch (error) {
      directory.close();
      throw error;
    }
  }

  close(): void {
    this.source.feed.leave(this);
  }

  /** Resolves when it knows everything that was stored before this call, or is cut. */
  async catchUp(): Promise<void> {
    const { broker, feed } = this.source;
    await feed.passed(await broker.newest());
  }

  /** It follows no more, and has to be opened anew. */
  get isCut(): boolean {
    return this.#cut;
  }

  get all(): Iterable<ContainerState> {
    return this.#states.values();
  }

  /**
   * The id that is meant by a whole id, a name with or without a slash, or the beginning of an id; what has been removed is
   * meant when nothing else is. Undefined for none. Throws INVALID_ARGUMENT for the beginning of several.
   */
  find(reference: string): string | undefined {
    const states = [...this.#states.values()];
    const there = states.filter(({ status }) => status !== 'removed');
    return (meantBy(reference, there) ?? meantBy(reference, states))?.id;
  }

  offer(event: ShownEvent): void {
    this.#change(event.fields.actorId, (state) => {
      state.apply(event);
    });
  }

  describe(container: DockerContainer, offset: number): void {
    this.#change(container.id, (state) => {
      state.describe(container, offset);
    });
  }

  cut(): void {
    this.#cut = true;
  }

  async #read(upTo: number): Promise<void> {
    const { broker, namespace } = this.source;
    const recordedFrom = await findRecording(broker, namespace);
    const reading = new Set<Promise<void>>();
    for await (const { container } of broker.containers(namespace)) {
      if (container === RECORDING_KEY) continue;
      const read = readContainer(broker, namespace, container, upTo, recordedFrom).then((state) => {
        if (state.isKnown) this.#states.set(container, state);
        reading.delete(read);
      });
      reading.add(read);
      // Nobody may be left to wait for it when another has failed.
      read.catch(() => undefined);
      if (reading.size >= AT_ONCE) await Promise.race(reading);
    }
    await Promise.all(reading);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const happen of early) happen();
  }

  #change(id: string, change: (state: ContainerState) => void): void {
    const happen = (): void => {
      const state = this.#states.get(id) ?? new ContainerState(id);
      change(state);
      if (state.isKnown) this.#states.set(id, state);
    };
    if (this.#early === undefined) happen();
    else this.#early.push(happen);
  }
}

function meantBy(reference: string, states: readonly ContainerState[]): ContainerState | undefined {
  const name = reference.startsWith('/') ? reference.slice(1) : reference;
  return (
    states.find(({ id }) => id === reference) ??
    newest(states.filter((state) => state.name === name)) ??
    onlyOne(
      reference,
      states.filter(({ id }) => id.startsWith(reference)),
    )
  );
}

function newest(states: readonly ContainerState[]): ContainerState | undefined {
  return [...states].sort((a, b) => b.offset - a.offset)[0];
}

function onlyOne(
  prefix: string,
  [one, ...others]: readonly ContainerState[],
): ContainerState | undefined {
  if (others.length === 0) return one;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `multiple IDs found with provided prefix: ${prefix.slice(0, 80)}`,
  );
}
