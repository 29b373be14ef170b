import { FoghornError } from '../../protocol/errors.js';
import type { DockerEventFields } from '../../protocol/docker-event.js';
import type { Caller } from '../access/caller.js';
import type { Subscription } from '../broker/subscription.js';
import { ContainerState } from './container-state.js';
import { applyNews, idOf, type DockerNews } from './docker-news.js';
import type { DockerSource } from './docker-source.js';
import type { EventFilters } from './event-filters.js';
import { findRecording } from './engine-recording.js';
import { fromNowOn } from './from-now-on.js';
import { readContainer } from './read-container.js';

/** One container: its state, and everything that changes it from then on. */
export class ContainerWatch {
  readonly #news: DockerNews[] = [];
  #wake: (() => void) | undefined;
  #state: ContainerState;
  /** Entries up to this offset are in the state already. */
  #knownUpTo = 0;

  private constructor(
    private readonly source: DockerSource,
    private readonly caller: Caller,
    private readonly id: string,
    private readonly subscription: Subscription<DockerNews, EventFilters>,
  ) {
    this.#state = new ContainerState(id);
    subscription.onReady = () => this.#wake?.();
  }

  /** Opens a watch, runs `work` with it, and closes it. */
  static async over<Result>(
    source: DockerSource,
    caller: Caller,
    id: string,
    work: (watch: ContainerWatch) => Promise<Result>,
  ): Promise<Result> {
    const { broker, events } = source;
    const subscription = await broker.subscribeTo(caller, events, fromNowOn(eventsOf(id)));
    try {
      const watch = new ContainerWatch(source, caller, id, subscription);
      await watch.#read(subscription.position.offset);
      return await work(watch);
    } finally {
      subscription.close();
    }
  }

  /** The state after everything that was taken. */
  get state(): ContainerState {
    return this.#state;
  }

  /** Takes everything that was stored before this call into the state. Returns its offset. */
  async catchUp(): Promise<number> {
    const newest = await this.source.broker.newest();
    if (newest > this.#knownUpTo) await this.#read(newest);
    return newest;
  }

  /**
   * Takes the next news into the state, and returns them. Rejects with CANCELLED by the signal, and
   * with UNAVAILABLE when no more will come.
   */
  async next(signal: AbortSignal): Promise<DockerNews> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        const news = this.#take();
        if (news !== undefined) return news;
        if (signal.aborted) throw new FoghornError('CANCELLED', 'the client has gone');
        if (this.subscription.closed) {
          throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
        }
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  async #read(upTo: number): Promise<void> {
    const { broker, namespace } = this.source;
    const { caller, id } = this;
    const recordedFrom = await findRecording(broker, namespace);
    this.#state = await readContainer(broker, caller, namespace, id, upTo, recordedFrom);
    this.#knownUpTo = upTo;
  }

  /** Returns undefined if there is none now. */
  #take(): DockerNews | undefined {
    for (;;) {
      const news = this.#news.shift();
      if (news !== undefined && news.offset > this.#knownUpTo && idOf(news) === this.id) {
        applyNews(this.#state, news);
        return news;
      }
      if (news !== undefined) continue;
      const message = this.subscription.take();
      if (message === undefined || message.kind === 'end') return undefined;
      if (message.kind === 'entries') this.#news.push(...message.entries);
    }
  }
}

function eventsOf(id: string): EventFilters {
  const matches = ({ type, actorId }: DockerEventFields): boolean =>
    type === 'container' && actorId === id;
  return {
    matches,
    mayPass: (type) => type === 'container',
    prefixes: [id],
    fullId: undefined,
    label: undefined,
    containersOnly: true,
    includesDescriptions: true,
  };
}
