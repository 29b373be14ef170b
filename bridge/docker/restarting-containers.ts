import { systemClock } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { containerEnvelope } from './envelopes.js';
import { inspectedContainer } from './inspected-container.js';
import type { DockerRecorderContext } from './recorder-context.js';

const RESTARTING = `&filters=${encodeURIComponent('{"status":["restarting"]}')}`;

/**
 * Stores which containers their engine is about to start again, because no event says so. A
 * container that no longer restarts has an event, or is described once more.
 */
export class RestartingContainers {
  /** Containers that were described as restarting, and have not started since. */
  readonly #described = new Set<string>();

  constructor(private readonly context: DockerRecorderContext) {}

  /** Notes an event that ends a restart. */
  onEvent({ type, action, actorId }: DockerEvent): void {
    const isOver = action === 'start' || action === 'destroy' || action === 'remove';
    if (type === 'container' && isOver) this.#described.delete(actorId);
  }

  /** Describes all containers whose restart began or was given up since the last call. */
  async describeAll(signal: AbortSignal): Promise<void> {
    const restarting = await this.#list(signal);
    const changed = [...restarting].filter((id) => !this.#described.has(id));
    const ceased = [...this.#described].filter((id) => !restarting.has(id));
    for (const id of [...changed, ...ceased]) {
      this.note(await this.context.engine.inspect(id, signal));
    }
  }

  /** Stores the state in the engine's answer about a container, if its restart begins or ends. */
  note(answer: unknown): void {
    const container = inspectedContainer(answer);
    if (container === undefined) return;
    const { id, status } = container;
    if (status === 'restarting' ? this.#described.has(id) : !this.#described.delete(id)) return;
    if (status === 'restarting') this.#described.add(id);
    const { queue, namespace } = this.context;
    queue.add({ envelope: containerEnvelope(namespace, systemClock(), container) });
  }

  async #list(signal: AbortSignal): Promise<ReadonlySet<string>> {
    try {
      return new Set(await this.context.engine.containerIds(signal, RESTARTING));
    } catch (error) {
      // Podman does not know this state.
      if (error instanceof FoghornError && !signal.aborted) return new Set();
      throw error;
    }
  }
}
