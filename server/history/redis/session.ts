import { randomBytes } from 'node:crypto';
import { FoghornError } from '../../../protocol/errors.js';
import type { Entry, Stop } from '../store.js';
import type { RedisClient } from './client.js';
import type { Connections } from './connections.js';
import { historyKey, Keys } from './keys.js';
import { HistoryChanged, redisError } from './redis-error.js';
import { fingerprintText, parseCommitInfo } from './rows.js';
import { Script, type Argument, type Reply } from './script.js';

/** Goes up whenever keys or rows mean something else, or entries are filed in another way. */
const FORMAT = '3';
const BEGIN = new Script('history', 'begin');
/** Two brokers may begin a history at once, but not for ever. */
const ATTEMPTS = 10;

/** The newest entry that was told: nothing after it may be shown. */
export interface Told {
  readonly offset: number;
  readonly fingerprint: number;
  readonly storedAt: bigint;
  /** What `Retention.bytes` counts, of all entries up to it. */
  readonly total: number;
}

const NOTHING_TOLD: Told = { offset: 0, fingerprint: 0, storedAt: 0n, total: 0 };

/** A history as a broker knows it. */
export interface KnownHistory {
  readonly epoch: string;
  readonly keys: Keys;
  told: Told;
}

/** What a script is run with. */
export interface Call {
  /** The lists that it needs. */
  readonly lists?: readonly string[];
  readonly args?: readonly Argument[];
}

/** One broker's dealings with the history that is in Redis, which may become another one at any time. */
export class Session {
  readonly #listeners = new Set<(last: Pick<Entry, 'offset' | 'fingerprint'>) => void>();
  #beginning: Promise<void> | undefined;
  #closed = false;

  private constructor(
    private readonly connections: Connections,
    private readonly prefix: string,
    private readonly warn: (text: string) => void,
    private known: KnownHistory,
  ) {}

  /** @param warn told when the history has become another one */
  static async begin(
    connections: Connections,
    prefix: string,
    warn: (text: string) => void,
  ): Promise<Session> {
    const { commands, place } = connections;
    try {
      const { history, lost } = await beginHistory(commands, prefix, place);
      if (lost !== '') warn(lostText(place, lost));
      return new Session(connections, prefix, warn, history);
    } catch (error) {
      throw redisError(error, place);
    }
  }

  /** The history as it is known now. */
  get history(): KnownHistory {
    return this.known;
  }

  /** The same, after a change that is being looked at. */
  async current(): Promise<KnownHistory> {
    await this.#beginning;
    return this.known;
  }

  onReset(listener: (last: Pick<Entry, 'offset' | 'fingerprint'>) => void): Stop {
    const own: typeof listener = (last) => {
      listener(last);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /**
   * Runs a script on a history. Rejects with HistoryChanged, and finds out what there is now, when it is not that one any
   * more. @param after for the error that entries were trimmed
   */
  async run(
    history: KnownHistory,
    script: Script,
    { lists = [], args = [] }: Call = {},
    after?: number,
  ): Promise<Reply> {
    const { epoch, keys, told } = history;
    const lineage = [epoch, told.offset, fingerprintText(told.fingerprint)];
    try {
      return await script.run(
        this.connections.commands,
        [...keys.fixed, ...lists],
        [...lineage, ...args],
      );
    } catch (error) {
      this.checkOpen();
      const { place, trouble } = this.connections;
      const meaning = redisError(error, place, { after, trouble });
      if (meaning instanceof HistoryChanged) await this.#beginAgain(history, meaning.how);
      throw meaning;
    }
  }

  /** Throws UNAVAILABLE once it is closed. */
  checkOpen(): void {
    if (this.#closed) throw closed();
  }

  close(): void {
    this.#closed = true;
  }

  /** Whoever comes second finds the change made already. */
  async #beginAgain(changed: KnownHistory, how: string): Promise<void> {
    if (this.known !== changed) return;
    this.#beginning ??= this.#begin(how).finally(() => (this.#beginning = undefined));
    await this.#beginning;
  }

  /** Should Redis be gone again, the next call tries the same. */
  async #begin(how: string): Promise<void> {
    try {
      const { commands, place } = this.connections;
      const { history } = await beginHistory(commands, this.prefix, place);
      this.checkOpen();
      this.known = history;
    } catch {
      return;
    }
    const { epoch, told } = this.known;
    this.warn(
      `the history in ${this.connections.place} was changed by somebody else (${how}): going on after offset ${told.offset} of epoch ${epoch}`,
    );
    for (const listener of this.#listeners) listener(told);
  }
}

/** What a closed store answers everything with. */
export function closed(): FoghornError {
  return new FoghornError('UNAVAILABLE', 'the store is closed');
}

function lostText(place: string, key: string): string {
  return `${key} was removed from ${place} by somebody else: began a new history, and left what remains of the one before`;
}

/** Opens the history that is there, or begins one; `lost` names a key that the one before had lost. */
async function beginHistory(
  client: RedisClient,
  prefix: string,
  place: string,
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
        return { history: { epoch: found, keys, told: parseTold(rest) }, lost: '' };
      case 'BEGUN':
        return { history: emptyHistory(prefix, epoch), lost: String(rest[0]) };
      case 'FORMAT':
        throw new FoghornError(
          'FAILED_PRECONDITION',
          `${place} holds a history of format ${String(rest[0])}: expected ${FORMAT}, or another prefix`,
        );
    }
  }
  throw new FoghornError('UNAVAILABLE', `the history in ${place} becomes another one all the time`);
}

function emptyHistory(prefix: string, epoch: string): KnownHistory {
  return { epoch, keys: new Keys(prefix, epoch), told: NOTHING_TOLD };
}

function parseTold(reply: readonly Reply[]): Told {
  const [offset, info] = reply as [number, Buffer];
  if (info.length === 0) return NOTHING_TOLD;
  return { offset, ...parseCommitInfo(info) };
}
