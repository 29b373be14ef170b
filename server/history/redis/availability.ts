import { FoghornError } from '../../../protocol/errors.js';
import type { RedisClient } from './client.js';
import { redisError } from './redis-error.js';

/** Time between two checks whether a Redis that refuses events takes them again. */
const CHECK_INTERVAL_MS = 1000;

/** Errors after which no other event can be stored, either. */
const LASTING_CODES: readonly string[] = ['RESOURCE_EXHAUSTED', 'UNAVAILABLE'];

/**
 * Whether Redis takes events: not while the connection is down, nor while it refuses writes, as
 * with a full memory. Reports when that begins and ends.
 */
export class Availability {
  #isTroubled = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param probeKey a key of the history, which is not changed */
  constructor(
    private readonly client: RedisClient,
    private readonly location: string,
    private readonly probeKey: () => string,
    private readonly onTrouble: (trouble: FoghornError | undefined) => void,
  ) {
    client.on('close', () => {
      this.#begin(new FoghornError('UNAVAILABLE', `the connection to ${location} is down`));
    });
    client.on('ready', () => {
      if (this.#isTroubled) void this.#check();
    });
  }

  /** An append has failed. */
  failed(error: unknown): void {
    const isLasting = error instanceof FoghornError && LASTING_CODES.includes(error.code);
    if (isLasting && this.client.status === 'ready') this.#begin(error);
  }

  /** Reports nothing more. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  #begin(reason: FoghornError): void {
    if (this.#isTroubled || this.#isStopped) return;
    this.#isTroubled = true;
    this.#timer = setInterval(() => void this.#check(), CHECK_INTERVAL_MS).unref();
    this.onTrouble(reason);
  }

  /** Sends a write that changes nothing, because Redis refuses writes before it looks at them. */
  async #check(): Promise<void> {
    if (this.client.status !== 'ready') return;
    try {
      await this.client.call('setrange', this.probeKey(), 0, '');
    } catch (error) {
      const { code } = redisError(error, this.location);
      if (LASTING_CODES.includes(code)) return;
    }
    this.#end();
  }

  #end(): void {
    if (!this.#isTroubled || this.#isStopped) return;
    clearInterval(this.#timer);
    this.#isTroubled = false;
    this.onTrouble(undefined);
  }
}
