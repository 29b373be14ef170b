import { checkEntries } from '../check-entries.js';
import type {
  Appended,
  Bounds,
  Durability,
  Entry,
  EntryPosition,
  LastingReadResult,
  NewEntry,
  ReadLimit,
  ReadResult,
  Retention,
  SharedStore,
  Stop,
  StoreObserver,
  StoreSettings,
  Trimmed,
} from '../store.js';
import { intactUpTo } from '../read-limit.js';
import { Appender } from './appender.js';
import { Availability } from './availability.js';
import { RedisConnections, type RedisStoreOptions } from './connections.js';
import {
  findTime,
  readBounds,
  readEntries,
  readKeyed,
  readLasting,
  readPaths,
  readStoredBytes,
} from './reads.js';
import { parseRedisUrl } from './redis-url.js';
import { checked } from './rows.js';
import { closedError, Session } from './session.js';
import { TailDelivery } from './tail-delivery.js';
import { TailWatcher } from './tail-watcher.js';
import { Trimming } from './trimming.js';

/**
 * A history in Redis, shared by any number of brokers. An append resolves when Redis has answered;
 * how durable that is depends on its `appendfsync`.
 */
export class RedisStore implements SharedStore {
  readonly #delivery: TailDelivery;
  readonly #appender: Appender;
  readonly #trimming: Trimming;
  readonly #watcher: TailWatcher;
  readonly #availability: Availability;
  #trims: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly connections: RedisConnections,
    private readonly session: Session,
    private readonly settings: StoreSettings,
    options: RedisStoreOptions,
  ) {
    this.#delivery = new TailDelivery(session);
    const { commands, location } = connections;
    this.#availability = new Availability(
      commands,
      location,
      () => session.history.keys.fixed[0] ?? '',
      options.onTrouble ?? (() => undefined),
    );
    const observer: Pick<StoreObserver, 'committed' | 'failed'> = {
      committed: (...commit) => settings.observer?.committed(...commit),
      failed: (error) => {
        this.#availability.failed(error);
        settings.observer?.failed(error);
      },
    };
    this.#appender = new Appender(session, this.#delivery, { ...settings, observer }, options);
    this.#trimming = new Trimming(session, settings, options);
    this.#watcher = new TailWatcher(connections.tail, session, this.#delivery);
    connections.commands.on('ready', () => {
      settings.observer?.reconnected();
      // Notices at once when Redis came back without the history that it had.
      this.#delivery.catchUp(session.history).catch(() => undefined);
      connections.checkAgain(options).catch(() => undefined);
    });
  }

  /**
   * @param url see `parseRedisUrl`
   *
   * Throws INVALID_ARGUMENT for a malformed URL, FAILED_PRECONDITION for a Redis that is not fit
   * for a history, and UNAVAILABLE for one that cannot be reached.
   */
  static async open(
    url: string,
    settings: StoreSettings,
    options: RedisStoreOptions,
  ): Promise<RedisStore> {
    const parsed = parseRedisUrl(url);
    const connections = await RedisConnections.open(parsed, options);
    const { commands, tail } = connections;
    try {
      const session = await Session.begin(
        connections,
        parsed.prefix,
        options.warn,
        settings.observer,
      );
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

  get durability(): Durability {
    return this.connections.durability;
  }

  async append(entries: readonly NewEntry[]): Promise<Appended[]> {
    this.#checkOpen();
    checkEntries(entries);
    return this.#appender.append(entries);
  }

  async read(after: number, limit: ReadLimit, key?: string): Promise<ReadResult> {
    this.#checkOpen();
    const history = await this.session.current();
    const { offset } = history.delivered;
    const read =
      key === undefined
        ? await readEntries(this.session, history, after, offset, limit)
        : await readKeyed(this.session, history, 'entries', after, limit, key);
    return this.#reported(read);
  }

  async readLasting(after: number, limit: ReadLimit, key?: string): Promise<LastingReadResult> {
    this.#checkOpen();
    const history = await this.session.current();
    if (key === undefined) {
      const entries = await readLasting(this.session, history, after, limit);
      return this.#reported(intactUpTo(limit, checked(entries)));
    }
    const read = await readKeyed(this.session, history, 'lasting', after, limit, key);
    return this.#reported(read.kind === 'trimmed' ? { kind: 'entries', entries: [] } : read);
  }

  #reported<Result extends ReadResult>(read: Result): Result {
    if (read.kind === 'damaged') this.settings.onDamage(read);
    return read;
  }

  async *keys(prefix: string): AsyncIterable<string> {
    this.#checkOpen();
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const history = await this.session.current();
      const { paths, next } = await readPaths(this.session, history, prefix, cursor);
      for (const path of paths) {
        if (!seen.has(path)) yield path;
        seen.add(path);
      }
      cursor = next;
    } while (cursor !== '0');
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#delivery.listen(onEntries);
  }

  onReset(listener: (last: EntryPosition) => void): Stop {
    return this.session.onReset(listener);
  }

  async sync(): Promise<EntryPosition> {
    await this.bounds();
    const { offset, fingerprint } = this.session.history.delivered;
    return { offset, fingerprint };
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    const history = await this.session.current();
    const { bounds, stored } = await readBounds(this.session, history);
    if (bounds.last >= stored) return bounds;
    // Entries that other brokers have acknowledged belong to the history, too.
    await this.#delivery.catchUp(history, stored);
    const { bounds: now } = await readBounds(this.session, await this.session.current());
    return now;
  }

  async storedBytes(): Promise<number> {
    this.#checkOpen();
    return readStoredBytes(this.session, await this.session.current());
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    return findTime(this.session, await this.session.current(), time);
  }

  async trim(retention: Retention): Promise<Trimmed> {
    this.#checkOpen();
    // One step at a time, because each is planned on the result of the one before.
    const step = this.#trims.then(() => this.#trimming.step(retention));
    this.#trims = step.catch(() => undefined);
    return step;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#appender.drained();
    this.#availability.stop();
    this.session.close();
    this.connections.commands.disconnect();
    await this.#watcher.close();
  }

  #checkOpen(): void {
    if (this.#closing) throw closedError();
  }
}
