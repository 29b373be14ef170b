import { setTimeout as delay } from 'node:timers/promises';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { EngineAnswers } from './engine-answers.js';

/** How long after the disconnection from its network a container may still start, milliseconds. */
const START_DELAY_MS = 200;

/** Containers that are asked about at the same time; others are asked about when it matters. */
const MAX_CONCURRENT = 16;

/**
 * Finds starts that failed. An engine has no event for them: only the container's network is
 * connected and disconnected, without a start and a die.
 */
export class FailedStarts {
  /** Containers that were connected to a network and have not started since. */
  readonly #starting = new Set<string>();
  #asking = 0;

  constructor(
    private readonly answers: EngineAnswers,
    private readonly signal: AbortSignal,
  ) {}

  onEvent({ type, action, actorId, attributes, replayed }: DockerEvent): void {
    if (type === 'container') {
      if (action === 'start' || action === 'die') this.#starting.delete(actorId);
      return;
    }
    const id = attributes.get('container');
    if (type !== 'network' || id === undefined) return;
    if (action === 'connect') this.#starting.add(id);
    if (action !== 'disconnect' || !this.#starting.delete(id) || replayed) return;
    if (this.#asking < MAX_CONCURRENT) void this.#ask(id);
  }

  async #ask(id: string): Promise<void> {
    this.#asking++;
    try {
      await delay(START_DELAY_MS, undefined, { signal: this.signal });
      await this.answers.noteFailedStart(id, this.signal);
    } catch {
      // The container is asked about again when somebody waits for it.
    }
    this.#asking--;
  }
}
