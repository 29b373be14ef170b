import { FoghornError } from '../../protocol/errors.js';
import type { DockerEventFields } from '../../protocol/docker-event.js';
import type { ContainerState } from './container-state.js';
import type { EventFilters } from './event-filters.js';
import { findRecording } from './engine-recording.js';
import type { StreamSource } from './stream-source.js';
import type { LiveReader } from './live-feed.js';
import { readContainer } from './read-container.js';
import type { ShownEvent } from './shown-event.js';

/** One container: what is known of it at a moment, and every event of it from then on. */
export class ContainerWatch implements LiveReader {
  readonly filters: EventFilters;
  readonly #events: ShownEvent[] = [];
  /** What happened up to this offset is known already: the feed may come after the history. */
  #knownUpTo = 0;
  #cut = false;
  #wake: (() => void) | undefined;

  private constructor(id: string) {
    this.filters = eventsOf(id);
  }

  /** Runs `work` with it, and ends it. */
  static async over<Result>(
    source: StreamSource,
    id: string,
    work: (state: ContainerState, watch: ContainerWatch) => Promise<Result>,
  ): Promise<Result> {
    const { broker, feed, namespace } = source;
    const watch = new ContainerWatch(id);
    try {
      await feed.join(watch);
      const newest = (watch.#knownUpTo = await broker.newest());
      const recordedFrom = await findRecording(broker, namespace);
      return await work(await readContainer(broker, namespace, id, newest, recordedFrom), watch);
    } finally {
      feed.leave(watch);
    }
  }

  /** Its next event. Rejects with CANCELLED by the signal, and with UNAVAILABLE when no more can be told. */
  async next(signal: AbortSignal): Promise<ShownEvent> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        const event = this.#events.shift();
        if (event !== undefined && event.offset > this.#knownUpTo) return event;
        if (event !== undefined) continue;
        if (signal.aborted) throw new FoghornError('CANCELLED', 'the client has gone');
        if (this.#cut) throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  offer(event: ShownEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  cut(): void {
    this.#cut = true;
    this.#wake?.();
  }
}

function eventsOf(id: string): EventFilters {
  const matches = ({ type, actorId }: DockerEventFields): boolean =>
    type === 'container' && actorId === id;
  return { matches, prefixes: [id], fullId: undefined, label: undefined, containersOnly: true };
}
