import { checkKeys } from '../check-key.js';
import type {
  Appended,
  Bounds,
  ContainerKey,
  EncodedEnvelope,
  Entry,
  ReadLimit,
  Retention,
  Scope,
  SharedStore,
  Stop,
  StoreDurability,
  StoreSettings,
  Trimmed,
} from '../store.js';
import { Appender } from './appender.js';
import { Connections, type RedisOptions } from './connections.js';
import {
  findTime,
  readBounds,
  readContainers,
  readEntries,
  readExits,
  readScope,
} from './reads.js';
import { parseRedisUrl } from './redis-url.js';
import { closed, Session } from './session.js';
import { TailWatcher } from './tail-watcher.js';
import { TailDelivery } from './tail-delivery.js';
import { Trimming } from './trimming.js';

/**
 * A history in Redis, which any number of brokers share. An append resolves when Redis has answered, which means what its
 * `appendfsync` says.
 */
export class RedisStore implements SharedStore {
  readonly #telling: TailDelivery;
  readonly #appending: Appender;
  readonly #trimming: Trimming;
  readonly #tail: TailWatcher;
  #trims: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly connections: Connections,
    private readonly session: Session,
    settings: StoreSettings,
    options: RedisOptions,
  ) {
    this.#telling = new TailDelivery(session);
    this.#appending = new Appender(session, this.#telling, settings, options.warn);
    this.#trimming = new Trimming(session, settings);
    this.#tail = new TailWatcher(connections.tail, session, this.#telling);
    connections.commands.on('ready', () => {
      // The first to learn of a Redis that came back without what it had.
      this.#telling.readOn(session.history).catch(() => undefined);
      connections.lookAgain(options).catch(() => undefined);
    });
  }

  /**
   * @param url see `parseRedisUrl`
   *
   * Throws INVALID_ARGUMENT for a URL that is none, FAILED_PRECONDITION for a Redis that must not be used, and UNAVAILABLE for
   * one that cannot be reached.
   */
  static async open(
    url: string,
    settings: StoreSettings,
    options: RedisOptions,
  ): Promise<RedisStore> {
    const parsed = parseRedisUrl(url);
    const connections = await Connections.open(parsed, options);
    const { commands, tail } = connections;
    try {
      const session = await Session.begin(connections, parsed.prefix, options.warn);
      return new RedisStore(connections, session, settings, options);
    } catch (error) {
      commands.disconnect();
      tail.disconnect();
      throw error;
    }
  }

  get epoch(): string {
    return this.session.history.epoch;
  }

  get durability(): StoreDurability {
    return this.connections.durability;
  }

  async append(envelopes: readonly EncodedEnvelope[]): Promise<Appended[]> {
    this.#checkOpen();
    checkKeys(envelopes);
    return this.#appending.append(envelopes);
  }

  async read(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    const history = await this.session.current();
    if (scope !== undefined)
      return readScope(this.session, history, 'entries', after, limit, scope);
    return readEntries(this.session, history, after, history.told.offset, limit);
  }

  async readKeptExits(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    const history = await this.session.current();
    if (scope !== undefined) return readScope(this.session, history, 'exits', after, limit, scope);
    return readExits(this.session, history, after, limit);
  }

  async *keys(namespace: string): AsyncIterable<ContainerKey> {
    this.#checkOpen();
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const history = await this.session.current();
      const { containers, next } = await readContainers(this.session, history, namespace, cursor);
      for (const key of containers) {
        if (!seen.has(key.container)) yield key;
        seen.add(key.container);
      }
      cursor = next;
    } while (cursor !== '0');
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#telling.listen(onEntries);
  }

  onReset(listener: (last: Pick<Entry, 'offset' | 'fingerprint'>) => void): Stop {
    return this.session.onReset(listener);
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    const history = await this.session.current();
    const { bounds, stored } = await readBounds(this.session, history);
    if (bounds.last >= stored) return bounds;
    // What others have had acknowledged is part of the history at this moment.
    await this.#telling.readOn(history, stored);
    const { bounds: now } = await readBounds(this.session, await this.session.current());
    return now;
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    return findTime(this.session, await this.session.current(), time);
  }

  async trim(retention: Retention): Promise<Trimmed> {
    this.#checkOpen();
    // One step at a time, since each is planned on what the one before has left.
    const step = this.#trims.then(() => this.#trimming.step(retention));
    this.#trims = step.catch(() => undefined);
    return step;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#appending.drained();
    this.session.close();
    this.connections.commands.disconnect();
    await this.#tail.close();
  }

  #checkOpen(): void {
    if (this.#closing) throw closed();
  }
}
