import type { FoghornError } from '../../../protocol/errors.js';
import type { Durability } from '../store.js';
import { createClient, type RedisClient } from './client.js';
import { connect } from './connect.js';
import { isRefusal, redisError } from './redis-error.js';
import { locationText, type RedisUrl } from './redis-url.js';
import { checkFacts, readFacts, type ServerFacts } from './server-facts.js';

/** Options of a Redis store. */
export interface RedisStoreOptions {
  /** Accept a Redis that may evict keys. */
  readonly allowEviction: boolean;
  /** Called with a sentence for the operator. */
  readonly warn: (text: string) => void;
  /**
   * Most that the broker's clock may differ from that of Redis, in seconds. Beyond it, the clock of
   * Redis counts, because the broker's would be wrong for all brokers. Undefined for no limit.
   */
  readonly clockTolerance?: number;
  /** Called when Redis takes no events, with the reason, and with undefined when it does again. */
  readonly onTrouble?: ((trouble: FoghornError | undefined) => void) | undefined;
}

/** The two connections of a store: one that waits for new entries, and one for all other calls. */
export class RedisConnections {
  #facts: ServerFacts;
  #trouble: Error | undefined;

  private constructor(
    readonly commands: RedisClient,
    readonly tail: RedisClient,
    readonly location: string,
    facts: ServerFacts,
    warn: RedisStoreOptions['warn'],
  ) {
    this.#facts = facts;
    commands.on('ready', () => (this.#trouble = undefined));
    commands.on('error', (error: Error) => {
      // The client retries for ever and reports each attempt: warn once.
      if (isRefusal(error) && this.#trouble?.message !== error.message) {
        warn(`${location} refuses the connection: ${error.message}`);
      }
      this.#trouble = error;
    });
  }

  /** Why there is no connection now, if the client has reported a reason. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** Throws FAILED_PRECONDITION for an unfit Redis, UNAVAILABLE for one that does not answer. */
  static async open(url: RedisUrl, options: RedisStoreOptions): Promise<RedisConnections> {
    const location = locationText(url);
    const commands = createClient(url, 'commands');
    const tail = createClient(url, 'tail');
    try {
      await connect(commands, location, options.warn);
      await connect(tail, location, options.warn);
      const facts = await readFacts(commands);
      checkFacts(facts, location, options.allowEviction);
      if (facts.assumed) {
        options.warn(`${location} does not show its settings: assuming appendfsync everysec`);
      }
      return new RedisConnections(commands, tail, location, facts, options.warn);
    } catch (error) {
      commands.disconnect();
      tail.disconnect();
      throw redisError(error, location);
    }
  }

  /** As of the last look at the server's settings. */
  get durability(): Durability {
    return this.#facts.durability;
  }

  /**
   * Must be called after each new connection: the address may lead to another server by now, or
   * the server's settings may have changed.
   */
  async checkAgain({ allowEviction, warn }: RedisStoreOptions): Promise<void> {
    const before = this.#facts;
    this.#facts = await readFacts(this.commands);
    if (this.#facts.durability !== before.durability) {
      warn(
        `${this.location}: durability is now ${this.#facts.durability}, it was ${before.durability}`,
      );
    }
    try {
      checkFacts(this.#facts, this.location, allowEviction);
    } catch (error) {
      warn((error as Error).message);
    }
  }
}
