import { randomBytes } from 'node:crypto';
import { FoghornError } from '../../../protocol/errors.js';
import type { EntryPosition, Stop, StoreObserver } from '../store.js';
import type { RedisClient } from './client.js';
import type { RedisConnections } from './connections.js';
import { historyKey, Keys } from './keys.js';
import { HistoryChanged, isLostConnection, redisError } from './redis-error.js';
import { whenReady } from './when-ready.js';
import { fingerprintText, parseCommitInfo } from './rows.js';
import { Script, type Argument, type Reply } from './script.js';

/** Changes whenever keys or rows change their meaning, or entries go to other lists. */
const FORMAT = '3';
const BEGIN = new Script('history', 'begin');
/** Brokers that begin a history at once may have to try again. */
const ATTEMPTS = 10;

const MS_PER_SECOND = 1000;
const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MICRO = 1000n;

/** The newest entry that the tail has received. Reads show nothing after it. */
export interface Delivered extends EntryPosition {
  readonly storedAt: bigint;
  /** Sum of the sizes of all entries ever stored, this one included. */
  readonly total: number;
}

const NOTHING_DELIVERED: Delivered = { offset: 0, fingerprint: 0, storedAt: 0n, total: 0 };

/** A broker's view of a history. */
export interface KnownHistory {
  readonly epoch: string;
  readonly keys: Keys;
  delivered: Delivered;
}

type RoundTripObserver = Pick<StoreObserver, 'roundTrip'>;

/** Keys and arguments of a script, besides those that every script takes. */
export interface ScriptCall {
  readonly lists?: readonly string[];
  readonly args?: readonly Argument[];
}

/** Runs scripts on the history in Redis, which may be replaced by another one at any time. */
export class Session {
  readonly #listeners = new Set<(last: EntryPosition) => void>();
  #beginning: Promise<void> | undefined;
  #closed = false;
  #ready: Promise<boolean> | undefined;

  private constructor(
    private readonly connections: RedisConnections,
    private readonly prefix: string,
    private readonly warn: (text: string) => void,
    private known: KnownHistory,
    private readonly observer: RoundTripObserver | undefined,
  ) {}

  /** @param warn called when the history has been replaced */
  static async begin(
    connections: RedisConnections,
    prefix: string,
    warn: (text: string) => void,
    observer?: RoundTripObserver,
  ): Promise<Session> {
    const { commands, location } = connections;
    try {
      const { history, lost } = await beginHistory(commands, prefix, location);
      if (lost !== '') warn(lostText(location, lost));
      return new Session(connections, prefix, warn, history, observer);
    } catch (error) {
      throw redisError(error, location);
    }
  }

  /** The history as far as it is known. */
  get history(): KnownHistory {
    return this.known;
  }

  /** The same, after a change that is being examined. */
  async current(): Promise<KnownHistory> {
    await this.#beginning;
    return this.known;
  }

  onReset(listener: (last: EntryPosition) => void): Stop {
    const own: typeof listener = (last) => {
      listener(last);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /**
   * Runs a script on a history. When that history is not there any more, opens the current one and
   * rejects with HistoryChanged.
   */
  async run(
    history: KnownHistory,
    script: Script,
    { lists = [], args = [] }: ScriptCall = {},
  ): Promise<Reply> {
    const { epoch, keys, delivered } = history;
    const lineage = [epoch, delivered.offset, fingerprintText(delivered.fingerprint)];
    const begun = performance.now();
    try {
      const reply = await script.run(
        this.connections.commands,
        [...keys.fixed, ...lists],
        [...lineage, ...args],
      );
      this.observer?.roundTrip((performance.now() - begun) / MS_PER_SECOND);
      return reply;
    } catch (error) {
      this.checkOpen();
      const { location, trouble } = this.connections;
      const meaning = redisError(error, location, trouble);
      if (meaning instanceof HistoryChanged) await this.#beginAgain(history, meaning.how);
      throw meaning;
    }
  }

  /**
   * Runs a script that changes nothing. Runs it once more if the connection was lost meanwhile and
   * comes back: a reader of a Docker stream cannot continue where it was cut.
   */
  async read(history: KnownHistory, script: Script, call?: ScriptCall): Promise<Reply> {
    try {
      return await this.run(history, script, call);
    } catch (error) {
      if (!isLostConnection(error) || !(await this.#whenReady())) throw error;
    }
    return this.run(history, script, call);
  }

  /** Shared by all reads that wait, which would add as many listeners otherwise. */
  #whenReady(): Promise<boolean> {
    this.#ready ??= whenReady(this.connections.commands).finally(() => (this.#ready = undefined));
    return this.#ready;
  }

  /** The time of Redis, ns since 1970. */
  async time(): Promise<bigint> {
    const { commands, location, trouble } = this.connections;
    try {
      const [seconds = 0, micros = 0] = await commands.time();
      return BigInt(seconds) * NANOS_PER_SECOND + BigInt(micros) * NANOS_PER_MICRO;
    } catch (error) {
      this.checkOpen();
      throw redisError(error, location, trouble);
    }
  }

  /** Throws UNAVAILABLE once it is closed. */
  checkOpen(): void {
    if (this.#closed) throw closedError();
  }

  close(): void {
    this.#closed = true;
  }

  /** Does nothing if another call has opened the current history already. */
  async #beginAgain(changed: KnownHistory, how: string): Promise<void> {
    if (this.known !== changed) return;
    this.#beginning ??= this.#begin(how).finally(() => (this.#beginning = undefined));
    await this.#beginning;
  }

  /** Leaves the known history in place when Redis fails; the next call tries again. */
  async #begin(how: string): Promise<void> {
    try {
      const { commands, location } = this.connections;
      const { history } = await beginHistory(commands, this.prefix, location);
      this.checkOpen();
      this.known = history;
    } catch {
      return;
    }
    const { epoch, delivered } = this.known;
    this.warn(
      `the history in ${this.connections.location} was changed by another client (${how}): ` +
        `continuing after offset ${delivered.offset} of epoch ${epoch}`,
    );
    for (const listener of this.#listeners) listener(delivered);
  }
}

/** The error of every call to a closed store. */
export function closedError(): FoghornError {
  return new FoghornError('UNAVAILABLE', 'the store is closed');
}

function lostText(location: string, key: string): string {
  return (
    `${key} was removed from ${location} by another client: ` +
    'began a new history, and left the rest of the previous one in place'
  );
}

/** Opens the history or begins one. `lost` names the missing key of a damaged previous history. */
async function beginHistory(
  client: RedisClient,
  prefix: string,
  location: string,
): Promise<{ history: KnownHistory; lost: string }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = (await client.hget(historyKey(prefix), 'epoch')) ?? '';
    const epoch = randomBytes(8).toString('hex');
    const keys = new Keys(prefix, found || epoch);
    const [outcome, ...rest] = (await BEGIN.run(client, keys.fixed, [found, epoch, FORMAT])) as [
      Buffer,
      ...Reply[],
    ];
    switch (outcome.toString()) {
      case 'OPENED':
        return { history: { epoch: found, keys, delivered: parseDelivered(rest) }, lost: '' };
      case 'BEGUN':
        return { history: emptyHistory(prefix, epoch), lost: String(rest[0]) };
      case 'FORMAT':
        throw new FoghornError(
          'FAILED_PRECONDITION',
          `${location} holds a history of format ${String(rest[0])}: expected ${FORMAT}, or another prefix`,
        );
    }
  }
  throw new FoghornError(
    'UNAVAILABLE',
    `the history in ${location} keeps changing: is another client removing or restoring it?`,
  );
}

function emptyHistory(prefix: string, epoch: string): KnownHistory {
  return { epoch, keys: new Keys(prefix, epoch), delivered: NOTHING_DELIVERED };
}

function parseDelivered(reply: readonly Reply[]): Delivered {
  const [offset, info] = reply as [number, Buffer];
  if (info.length === 0) return NOTHING_DELIVERED;
  return { offset, ...parseCommitInfo(info) };
}
