import type { DockerEventFields } from '../../protocol/docker-event.js';
import { BROKER } from '../access/caller.js';
import { Follower } from '../broker/follower.js';
import type { SubscriptionStart } from '../broker/read-options.js';
import type { Subscription } from '../broker/subscription.js';
import type { SubscriptionMessage } from '../broker/subscription-message.js';
import type { Position } from '../events/cursor.js';
import { ContainerIndex } from './container-index.js';
import { ContainerState } from './container-state.js';
import { findRecording } from './engine-recording.js';
import type { EventFilters } from './event-filters.js';
import { applyNews, idOf, type DockerNews } from './docker-news.js';
import type { DockerSource } from './docker-source.js';
import { fromNowOn } from './from-now-on.js';
import { readContainer } from './read-container.js';
import { TimeSlices } from './time-slices.js';

/** How many containers are read from the history concurrently. */
const CONCURRENT_READS = 16;

/** Budget for removed containers, which are found by name until so many others were removed. */
const REMOVED_BYTES = 16 * 1024 * 1024;

/**
 * More entries than this, or than containers, are not read to catch up: reading all containers anew
 * is cheaper then.
 */
const MIN_CATCH_UP_ENTRIES = 10_000;

const CONTAINER_NEWS: EventFilters = {
  matches: ({ type }: DockerEventFields) => type === 'container',
  mayPass: (type) => type === 'container',
  prefixes: undefined,
  fullId: undefined,
  label: undefined,
  containersOnly: true,
  includesDescriptions: true,
};

/**
 * All containers that the history knows, to find one by its name or the beginning of its id. The
 * directory is read from the history when it is opened. It follows what happens until it is paused,
 * and catches up when it is needed again.
 */
export class ContainerDirectory {
  readonly #there = new ContainerIndex();
  readonly #removed = new ContainerIndex();
  #follower: Follower<DockerNews> | undefined;
  /** Everything up to here is in the directory. */
  #position: Position;
  #resuming: Promise<void> | undefined;
  #isCut = false;

  private constructor(
    private readonly source: DockerSource,
    { offset, cursor }: Position,
  ) {
    this.#position = { offset, cursor };
  }

  static async open(source: DockerSource): Promise<ContainerDirectory> {
    const subscription = await follow(source, { kind: 'now' });
    try {
      const directory = new ContainerDirectory(source, subscription.position);
      await directory.#read();
      directory.#follow(subscription);
      return directory;
    } catch (error) {
      subscription.close();
      throw error;
    }
  }

  /** Stops following until `catchUp`, because an idle directory should cost nothing. */
  pause(): void {
    this.#notePosition(this.#follower?.position);
    const follower = this.#follower;
    this.#follower = undefined;
    follower?.close();
  }

  /** Resolves when it knows everything that was stored before this call, or is cut. */
  async catchUp(): Promise<void> {
    const newest = await this.source.broker.newest();
    if (this.#follower === undefined && !this.#isCut) {
      this.#resuming ??= this.#resume(newest).finally(() => (this.#resuming = undefined));
      await this.#resuming;
    }
    await this.#follower?.passed(newest);
  }

  /** It follows no more, and has to be opened anew. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** A copy of those that are there, the newest first. */
  newestFirst(): ContainerState[] {
    return this.#there.newestFirst();
  }

  /**
   * The id for a reference: a whole id, a name with or without a slash, or the beginning of an id.
   * A removed container is found only if no other matches. Undefined for none. Throws
   * INVALID_ARGUMENT if several ids begin so.
   */
  find(reference: string): string | undefined {
    return this.#there.find(reference) ?? this.#removed.find(reference);
  }

  async #resume(newest: number): Promise<void> {
    const missed = newest - this.#position.offset;
    if (missed > Math.max(this.#there.size, MIN_CATCH_UP_ENTRIES)) {
      this.#isCut = true;
      return;
    }
    try {
      const start: SubscriptionStart = { kind: 'after', cursor: this.#position.cursor };
      this.#follow(await follow(this.source, start));
    } catch {
      // Opened anew, it is read from what is kept, or fails with the reason.
      this.#isCut = true;
    }
  }

  #follow(subscription: Subscription<DockerNews, EventFilters>): void {
    const follower: Follower<DockerNews> = new Follower<DockerNews>(
      subscription,
      (message) => this.#handle(message),
      () => {
        if (this.#follower === follower) this.#isCut = true;
      },
    );
    this.#follower = follower;
    if (subscription.closed) this.#isCut = true;
  }

  async #handle(message: SubscriptionMessage<DockerNews>): Promise<void> {
    if (message.kind !== 'entries') return;
    const slices = new TimeSlices();
    for (const news of message.entries) {
      this.#apply(news);
      await slices.pause();
    }
    this.#notePosition(message.entries.at(-1));
  }

  #notePosition(position: Position | undefined): void {
    if (position === undefined || position.offset < this.#position.offset) return;
    // The offset and the cursor alone, so that no event is kept in memory.
    this.#position = { offset: position.offset, cursor: position.cursor };
  }

  #apply(news: DockerNews): void {
    const id = idOf(news);
    const state = this.#there.get(id) ?? this.#removed.get(id) ?? new ContainerState(id);
    applyNews(state, news);
    this.#file(state);
  }

  async #read(): Promise<void> {
    const { broker, namespace } = this.source;
    const { offset } = this.#position;
    const recordedFrom = await findRecording(broker, namespace);
    const reading = new Set<Promise<void>>();
    const slices = new TimeSlices();
    for await (const { container } of broker.containers(BROKER, namespace)) {
      // Keys of other entries begin with a slash, which no container's id has.
      if (container.startsWith('/')) continue;
      const read = readContainer(broker, BROKER, namespace, container, offset, recordedFrom).then(
        (state) => {
          this.#file(state);
          reading.delete(read);
        },
      );
      reading.add(read);
      // If another read fails first, this failure has no handler.
      read.catch(() => undefined);
      if (reading.size >= CONCURRENT_READS) await Promise.race(reading);
      await slices.pause();
    }
    await Promise.all(reading);
  }

  #file(state: ContainerState): void {
    if (!state.isKnown) return;
    if (state.status !== 'removed') {
      this.#removed.delete(state.id);
      this.#there.file(state);
      return;
    }
    this.#there.delete(state.id);
    this.#removed.file(state);
    state.forgetDetails();
    while (this.#removed.bytes > REMOVED_BYTES && this.#removed.first !== undefined) {
      this.#removed.delete(this.#removed.first.id);
    }
  }
}

/** Opens a subscription to everything that changes a container. */
function follow(
  { broker, events }: DockerSource,
  start: SubscriptionStart,
): Promise<Subscription<DockerNews, EventFilters>> {
  return broker.openView(BROKER, events, { ...fromNowOn(CONTAINER_NEWS, 'fail'), start });
}
