import { FoghornError } from '../../protocol/errors.js';
import type { DockerEventFields } from '../../protocol/docker-event.js';
import type { Subscription } from '../broker/subscription.js';
import type { ContainerState } from './container-state.js';
import type { DockerNews } from './docker-events.js';
import type { DockerSource } from './docker-source.js';
import type { EventFilters } from './event-filters.js';
import { findRecording } from './engine-recording.js';
import { fromNowOn } from './from-now-on.js';
import { readContainer } from './read-container.js';
import { ShownEvent } from './shown-event.js';

/** One container: its state at a moment, and every event of it from then on. */
export class ContainerWatch {
  readonly #events: ShownEvent[] = [];
  #wake: (() => void) | undefined;

  private constructor(
    private readonly subscription: Subscription<DockerNews, EventFilters>,
    /** Events up to this offset are in the state already. */
    private readonly knownUpTo: number,
  ) {
    subscription.onReady = () => this.#wake?.();
  }

  /** Opens a watch, runs `work` with it, and closes it. */
  static async over<Result>(
    { broker, events, namespace }: DockerSource,
    id: string,
    work: (state: ContainerState, watch: ContainerWatch) => Promise<Result>,
  ): Promise<Result> {
    const subscription = await broker.subscribeTo(events, fromNowOn(eventsOf(id)));
    try {
      const upTo = subscription.position.offset;
      const watch = new ContainerWatch(subscription, upTo);
      const recordedFrom = await findRecording(broker, namespace);
      return await work(await readContainer(broker, namespace, id, upTo, recordedFrom), watch);
    } finally {
      subscription.close();
    }
  }

  /**
   * The container's next event. Rejects with CANCELLED by the signal, and with UNAVAILABLE when no
   * more will come.
   */
  async next(signal: AbortSignal): Promise<ShownEvent> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        const event = this.#take();
        if (event !== undefined) return event;
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

  /** Returns undefined if there is none now. */
  #take(): ShownEvent | undefined {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      const message = this.subscription.take();
      if (message === undefined || message.kind === 'end') return undefined;
      if (message.kind === 'entries') this.#events.push(...message.entries.filter(this.#isNew));
    }
  }

  readonly #isNew = (view: DockerNews): view is ShownEvent =>
    view instanceof ShownEvent && view.offset > this.knownUpTo;
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
  };
}
