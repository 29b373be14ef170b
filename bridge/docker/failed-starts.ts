import { setTimeout as delay } from 'node:timers/promises';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { EngineAnswers } from './engine-answers.js';

/** How long after the disconnection from its network a container may still start, milliseconds. */
const START_DELAY_MS = 200;

/** Containers that are asked about at the same time. */
const MAX_CONCURRENT = 16;
/** Containers that wait to be asked about; others are asked about when a client waits for them. */
const MAX_WAITING = 1024;

/**
 * Finds starts that failed. An engine has no event for them: only the container's network is
 * connected and disconnected, without a start and a die.
 */
export class FailedStarts {
  /** Containers that were connected to a network and have not started since. */
  readonly #starting = new Set<string>();
  readonly #waiting = new Set<string>();
  #asking = 0;

  constructor(
    private readonly answers: EngineAnswers,
    private readonly signal: AbortSignal,
  ) {}

  onEvent({ type, action, actorId, attributes }: DockerEvent): void {
    if (type === 'container') {
      if (action === 'start' || action === 'die') this.#starting.delete(actorId);
      return;
    }
    const id = attributes.get('container');
    if (type !== 'network' || id === undefined) return;
    if (action === 'connect') this.#starting.add(id);
    if (action !== 'disconnect' || !this.#starting.delete(id)) return;
    if (this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(id);
    if (this.#asking < MAX_CONCURRENT) void this.#askAll();
  }

  async #askAll(): Promise<void> {
    this.#asking++;
    for (const id of this.#waiting) {
      this.#waiting.delete(id);
      await this.#ask(id);
    }
    this.#asking--;
  }

  async #ask(id: string): Promise<void> {
    try {
      await delay(START_DELAY_MS, undefined, { signal: this.signal });
      await this.answers.noteFailedStart(id, this.signal);
    } catch {
      // The container is asked about again when a client waits for it.
    }
  }
}
