import type { StoreDurability } from '../store.js';
import { createClient, type RedisClient } from './client.js';
import { connect } from './connect.js';
import { isRefusal, redisError } from './redis-error.js';
import { placeText, type RedisUrl } from './redis-url.js';
import { checkFacts, readFacts, type ServerFacts } from './server-facts.js';

/** How a Redis is used. */
export interface RedisOptions {
  /** Take one that may evict keys. */
  readonly allowEviction: boolean;
  /** Told, in a sentence, what somebody should know and nobody else can be told. */
  readonly warn: (text: string) => void;
}

/** The two connections of a store: one that waits for news, and one for everything else. */
export class Connections {
  #facts: ServerFacts;
  #trouble: Error | undefined;

  private constructor(
    readonly commands: RedisClient,
    readonly tail: RedisClient,
    readonly place: string,
    facts: ServerFacts,
    warn: RedisOptions['warn'],
  ) {
    this.#facts = facts;
    commands.on('ready', () => (this.#trouble = undefined));
    commands.on('error', (error: Error) => {
      // It is tried again and again, and each time this is told.
      if (isRefusal(error) && this.#trouble?.message !== error.message) {
        warn(`${place} refuses the connection: ${error.message}`);
      }
      this.#trouble = error;
    });
  }

  /** Why there is no connection now, as far as it was told. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** Throws FAILED_PRECONDITION for a Redis that must not be used, UNAVAILABLE for one that does not answer. */
  static async open(url: RedisUrl, options: RedisOptions): Promise<Connections> {
    const place = placeText(url);
    const commands = createClient(url, 'commands');
    const tail = createClient(url, 'tail');
    try {
      await connect(commands, place);
      await connect(tail, place);
      const facts = await readFacts(commands);
      checkFacts(facts, place, options.allowEviction);
      if (facts.assumed) {
        options.warn(`${place} does not tell its settings: taking appendfsync for everysec`);
      }
      return new Connections(commands, tail, place, facts, options.warn);
    } catch (error) {
      commands.disconnect();
      tail.disconnect();
      throw redisError(error, place);
    }
  }

  /** As of the last time that it was asked. */
  get durability(): StoreDurability {
    return this.#facts.durability;
  }

  /** To be called after each new connection: behind the same address may be another server, or the same with other settings. */
  async lookAgain({ allowEviction, warn }: RedisOptions): Promise<void> {
    const before = this.#facts;
    this.#facts = await readFacts(this.commands);
    if (this.#facts.durability !== before.durability) {
      warn(
        `${this.place}: durability is now ${this.#facts.durability}, it was ${before.durability}`,
      );
    }
    try {
      checkFacts(this.#facts, this.place, allowEviction);
    } catch (error) {
      warn((error as Error).message);
    }
  }
}
