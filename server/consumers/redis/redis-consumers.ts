import { FoghornError } from '../../../protocol/errors.js';
import { createClient, type RedisClient } from '../../history/redis/client.js';
import { connect } from '../../history/redis/connect.js';
import { redisError } from '../../history/redis/redis-error.js';
import { locationText, parseRedisUrl } from '../../history/redis/redis-url.js';
import { Script } from '../../history/redis/script.js';
import {
  CONSUMER_LIMITS,
  type Claim,
  type ClaimAnswer,
  type ConsumerChanges,
  type ConsumerHold,
  type ConsumerSnapshot,
  type ConsumerStore,
  type Floor,
  type LeaseName,
  type NewConsumer,
  type ParkedEvent,
  type RecordedGap,
  type Settlement,
  type SettleAnswer,
} from '../consumer-store.js';
import { exists, notFound, wasReset } from '../consumer-errors.js';
import { holdIn, listIn, parkedIn, snapshotIn, storedSettlement } from './consumer-json.js';

/** The path is from the folder of the history's scripts. */
const CONSUMER = new Script('../../consumers/redis/consumer');

/** Keys of one consumer after that of the list of all, in the order of consumer.lua. */
const KEYS = ['facts', 'settled', 'leases', 'tries', 'parked', 'envelopes'];

/** Consumers beside a history in Redis, on the same node of a cluster, for all of its brokers. */
export class RedisConsumerStore implements ConsumerStore {
  #isClosed = false;

  private constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
    private readonly location: string,
  ) {}

  /** Rejects with UNAVAILABLE when Redis cannot be reached. */
  static async open(url: string): Promise<RedisConsumerStore> {
    const parsed = parseRedisUrl(url);
    const location = locationText(parsed);
    const client = createClient(parsed, 'commands');
    // Each call reports the failure of its own command.
    client.on('error', () => undefined);
    try {
      await connect(client, location);
    } catch (error) {
      client.disconnect();
      throw error;
    }
    return new RedisConsumerStore(client, parsed.prefix, location);
  }

  async list(): Promise<readonly ConsumerSnapshot[]> {
    this.#checkOpen();
    const names = await this.#guarded(() => this.client.hkeys(this.#key('consumers')));
    const found = await Promise.all(names.map((name) => this.get(name)));
    return found.filter((each) => each !== undefined);
  }

  async get(name: string): Promise<ConsumerSnapshot | undefined> {
    const found = await this.#run(name, 'get');
    return found === null ? undefined : snapshotIn(name, found);
  }

  async holds(): Promise<readonly ConsumerHold[]> {
    this.#checkOpen();
    const holds = await this.#guarded(async () => {
      const names = await this.client.hkeys(this.#key('consumers'));
      return Promise.all(names.map((name) => this.#holdOf(name)));
    });
    return holds.filter((hold) => hold !== undefined);
  }

  async #holdOf(name: string): Promise<ConsumerHold | undefined> {
    const key = this.#key(`consumer:facts:${name}`);
    return holdIn(name, await this.client.hmget(key, 'settings', 'epoch', 'floor', 'fingerprint'));
  }

  async create({ name, owner, settings, floor }: NewConsumer): Promise<ConsumerSnapshot> {
    const input = { owner, settings: JSON.stringify(settings), floor, date: Date.now() };
    return snapshotIn(name, await this.#run(name, 'create', input));
  }

  async update(name: string, { settings, paused }: ConsumerChanges): Promise<ConsumerSnapshot> {
    const input = { settings: settings && JSON.stringify(settings), paused };
    return snapshotIn(name, await this.#run(name, 'update', input));
  }

  async reset(name: string, floor: Floor, gap?: RecordedGap): Promise<ConsumerSnapshot> {
    return snapshotIn(name, await this.#run(name, 'reset', { floor, gap, date: Date.now() }));
  }

  async recordGap(
    name: string,
    generation: number,
    gap: RecordedGap,
    floor?: Floor,
  ): Promise<void> {
    await this.#run(name, 'gap', { gap, floor }, generation);
  }

  async remove(name: string): Promise<void> {
    await this.#run(name, 'remove');
  }

  async attach(
    name: string,
    generation: number,
    member: string,
    held: readonly number[],
  ): Promise<void> {
    await this.#run(name, 'attach', { member, held }, generation);
  }

  /** Leases are in Redis, so nobody waits for members that do not come back. */
  async detach(): Promise<void> {
    // Nothing to store.
  }

  async claim(
    name: string,
    generation: number,
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly ClaimAnswer[]> {
    const input = { claims, ms: leaseMs, maxSettled: CONSUMER_LIMITS.settled };
    return listIn<ClaimAnswer>(await this.#run(name, 'claim', input, generation));
  }

  async extend(
    name: string,
    generation: number,
    leases: readonly LeaseName[],
    leaseMs: number,
  ): Promise<readonly boolean[]> {
    const names = leases.map(({ id, key, member, attempt }) => ({ id, key, member, attempt }));
    const input = { leases: names, ms: leaseMs };
    return listIn<boolean>(await this.#run(name, 'extend', input, generation));
  }

  async settle(
    name: string,
    generation: number,
    settlements: readonly Settlement[],
    floor?: Floor,
  ): Promise<readonly SettleAnswer[]> {
    const input = {
      settlements: settlements.map(storedSettlement),
      floor,
      date: Date.now(),
      maxTries: CONSUMER_LIMITS.tries,
      maxParked: CONSUMER_LIMITS.parked,
      maxParkedBytes: CONSUMER_LIMITS.parkedBytes,
    };
    return listIn<SettleAnswer>(await this.#run(name, 'settle', input, generation));
  }

  async parked(name: string, after: number, limit: number): Promise<readonly ParkedEvent[]> {
    return listIn(await this.#run(name, 'parked', { after, limit })).map(parkedIn);
  }

  async replay(name: string, numbers: readonly number[] | undefined): Promise<number> {
    return Number(await this.#run(name, 'replay', { numbers }));
  }

  async discard(name: string, numbers: readonly number[] | undefined): Promise<number> {
    return Number(await this.#run(name, 'discard', { numbers }));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.client.disconnect();
    return Promise.resolve();
  }

  async #run(
    name: string,
    operation: string,
    input: object = {},
    generation?: number,
  ): Promise<unknown> {
    this.#checkOpen();
    const keys = [
      this.#key('consumers'),
      ...KEYS.map((key) => this.#key(`consumer:${key}:${name}`)),
    ];
    const args = [name, operation, generation ?? '', JSON.stringify(input)];
    const reply = await this.#guarded(() => CONSUMER.run(this.client, keys, args), name);
    return JSON.parse(String(reply)) as unknown;
  }

  async #guarded<Result>(call: () => Promise<Result>, name = ''): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      this.#checkOpen();
      const { message } = error as Error;
      if (message.includes('NOCONSUMER')) throw notFound(name);
      if (message.includes('CONSUMEREXISTS')) throw exists(name);
      if (message.includes('OLDGENERATION')) throw wasReset(name);
      throw redisError(error, this.location);
    }
  }

  /** The braces put all keys where those of the history are. */
  #key(name: string): string {
    return `{${this.prefix}}:${name}`;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new FoghornError('UNAVAILABLE', 'the store is closed');
  }
}
