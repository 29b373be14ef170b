import { FoghornError } from '../../protocol/errors.js';
import { excerpt } from '../../protocol/excerpt.js';
import { RECORDING_KEY, type DockerEventFields } from '../../protocol/docker-event.js';
import { Follower } from '../broker/follower.js';
import type { Subscription } from '../broker/subscription.js';
import { ContainerState } from './container-state.js';
import { findRecording } from './engine-recording.js';
import type { EventFilters } from './event-filters.js';
import type { DockerNews } from './docker-events.js';
import type { DockerSource } from './docker-source.js';
import { fromNowOn } from './from-now-on.js';
import { readContainer } from './read-container.js';
import { ShownEvent } from './shown-event.js';

/** Containers that are read from the history side by side. */
const AT_ONCE = 64;

const CONTAINER_NEWS: EventFilters = {
  matches: ({ type }: DockerEventFields) => type === 'container',
  prefixes: undefined,
  fullId: undefined,
  label: undefined,
  containersOnly: true,
  includesDescriptions: true,
};

/**
 * All containers that the history knows, to find one by its name or the beginning of its id. The directory is read from the history
 * when it is opened, and follows what happens until it is closed.
 */
export class ContainerDirectory {
  readonly #states = new Map<string, ContainerState>();
  #follower: Follower<DockerNews> | undefined;
  #isCut = false;

  private constructor(private readonly source: DockerSource) {}

  static async open(source: DockerSource): Promise<ContainerDirectory> {
    const { broker, events } = source;
    const directory = new ContainerDirectory(source);
    const subscription = await broker.openView(events, fromNowOn(CONTAINER_NEWS, 'fail'));
    try {
      await directory.#read(subscription.position.offset);
    } catch (error) {
      subscription.close();
      throw error;
    }
    directory.#follow(subscription);
    return directory;
  }

  close(): void {
    this.#follower?.close();
  }

  /** Resolves when it knows everything that was stored before this call, or is cut. */
  async catchUp(): Promise<void> {
    await this.#follower?.passed(await this.source.broker.newest());
  }

  /** It follows no more, and has to be opened anew. */
  get isCut(): boolean {
    return this.#isCut;
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

  #follow(subscription: Subscription<DockerNews, EventFilters>): void {
    this.#follower = new Follower<DockerNews>(
      subscription,
      (message) => {
        if (message.kind === 'entries') message.entries.forEach(this.#apply);
        return undefined;
      },
      () => (this.#isCut = true),
    );
  }

  readonly #apply = (news: DockerNews): void => {
    if (news instanceof ShownEvent) {
      this.#change(news.fields.actorId, (state) => {
        state.apply(news);
      });
      return;
    }
    const { container, offset } = news;
    this.#change(container.id, (state) => {
      state.describe(container, offset);
    });
  };

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
  }

  #change(id: string, change: (state: ContainerState) => void): void {
    const state = this.#states.get(id) ?? new ContainerState(id);
    change(state);
    if (state.isKnown) this.#states.set(id, state);
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
    `multiple IDs found with provided prefix: ${excerpt(prefix)}`,
  );
}
