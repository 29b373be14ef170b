import { setTimeout as delay } from 'node:timers/promises';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { monotonicNow } from '../records/monotonic.js';
import { BrokerUnderTest } from './broker-under-test.js';
import type { Deployment, DeploymentParts } from './deployment.js';
import { newEpoch } from './new-epoch.js';
import { RedisUnderTest } from './redis-under-test.js';
import type { StoreFault } from './schedule.js';

/** Brokers that share the Redis. */
const BROKERS = 2;

/** Brokers over a Redis that flushes every write before it answers. */
export class RedisDeployment implements Deployment {
  readonly brokers: readonly BrokerUnderTest[];
  #copied: { readonly from: number } | undefined;

  private constructor(
    private readonly redis: RedisUnderTest,
    private readonly processes: readonly BrokerProcess[],
    private readonly parts: DeploymentParts,
  ) {
    const settings = { flags: parts.flags, store: redis.url };
    this.brokers = processes.map((one) => new BrokerUnderTest(one, settings, parts.record));
  }

  static async create(parts: DeploymentParts): Promise<RedisDeployment> {
    const { cleanup } = parts;
    const redis = await RedisUnderTest.start(await BrokerProcess.create(cleanup), cleanup);
    const processes = await Promise.all(
      Array.from({ length: BROKERS }, () => BrokerProcess.create(cleanup)),
    );
    return new RedisDeployment(redis, processes, parts);
  }

  get addresses(): readonly string[] {
    return this.processes.map(({ address }) => address);
  }

  async start(): Promise<void> {
    await this.#startBrokers();
    await this.#beginAnew(monotonicNow());
  }

  async inject(fault: StoreFault): Promise<void> {
    const { redis } = this;
    switch (fault.kind) {
      case 'kill redis':
        return this.#whileDown(() => delay(fault.downMs));
      case 'halt redis':
        return redis.halt(fault.forMs);
      case 'kill redis at': {
        const { point, calls } = fault;
        if (await redis.killAt(point, calls)) this.parts.record.write({ kind: 'died at', point });
        return redis.restart();
      }
      case 'kill all':
        await Promise.all([redis.kill(), ...this.brokers.map((broker) => broker.kill())]);
        await delay(fault.downMs);
        await redis.restart();
        return this.#startBrokers();
      case 'copy store':
        return this.#whileDown(() => {
          this.#copy();
        });
      case 'put copy back':
        return this.#whileDown(() => this.#putBack());
      case 'wipe store':
        return this.#lose();
      default:
        throw new Error(`${fault.kind}: expected a fault of Redis`);
    }
  }

  async finish(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.drain()));
    await this.redis.kill();
    await this.parts.lineages.endForGood(this.redis.lookAtDisk());
  }

  async #startBrokers(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.start()));
  }

  async #whileDown(change: () => unknown): Promise<void> {
    await this.redis.kill();
    await change();
    await this.redis.restart();
  }

  #copy(): void {
    this.redis.copy();
    this.#copied = { from: this.parts.lineages.current };
  }

  async #putBack(): Promise<void> {
    if (!this.#copied) throw new Error('there is no copy of the data to put back');
    const { lineages } = this.parts;
    await lineages.end(this.redis.lookAtDisk());
    this.redis.putCopyBack();
    await lineages.fork(this.#copied.from, this.redis.lookAtDisk());
  }

  async #lose(): Promise<void> {
    const before = monotonicNow();
    await this.redis.lose();
    await this.parts.lineages.end(this.redis.lookAtLost());
    await this.redis.forgetLost();
    await this.#beginAnew(before);
  }

  /** @param at time before which no client could reach it */
  async #beginAnew(at: number): Promise<void> {
    const { lineages } = this.parts;
    lineages.begin(await newEpoch(this.addresses, lineages.epochs), at);
  }
}
