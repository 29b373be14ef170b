import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cleanup } from '../../test/support/processes/cleanup.js';
import { Child } from '../../test/support/processes/child.js';
import type { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { RedisServer } from '../../test/support/redis/redis-server.js';
import { killingAt, REDIS_KILL_POINTS } from './kill-point.js';
import type { RedisKillPoint } from './kill-point.js';
import type { Look } from './lineage-keeper.js';
import { privateLook } from './private-look.js';

/** Milliseconds that a Redis may live if it does not reach its kill point. */
const KILL_POINT_PATIENCE = 8_000;

/** Database that keeps a wiped history until it has been recorded. */
const LOST = 1;

/**
 * The Redis that faults are injected into, and a second one for reading copies of its data, so that
 * reading leaves no traces.
 */
export class RedisUnderTest {
  private constructor(
    private readonly server: RedisServer,
    private readonly second: RedisServer,
    private readonly looker: BrokerProcess,
  ) {}

  /**
   * Starts both servers.
   *
   * @param looker broker process that only reads copies
   */
  static async start(looker: BrokerProcess, cleanup: Cleanup): Promise<RedisUnderTest> {
    const server = await RedisServer.start();
    cleanup.defer(() => server.stop());
    const second = await RedisServer.start();
    cleanup.defer(() => second.stop());
    return new RedisUnderTest(server, second, looker);
  }

  /** A store URL. */
  get url(): string {
    return this.server.url;
  }

  async kill(): Promise<void> {
    await this.server.kill('SIGKILL');
  }

  /** Kills the Redis unless it is dead, and starts it again. */
  async restart(): Promise<void> {
    await this.server.restart();
  }

  async halt(milliseconds: number): Promise<void> {
    this.server.pause();
    await delay(milliseconds);
    this.server.resume();
  }

  /** Kills the Redis at a kill point if it reaches that in time. */
  async killAt(point: RedisKillPoint, calls: number): Promise<boolean> {
    const { pid } = this.server;
    if (pid === undefined) throw new Error('expected a Redis that runs');
    const [command = '', ...args] = killingAt(REDIS_KILL_POINTS[point], calls, pid);
    const tracer = new Child(command, args);
    const came = tracer.exited.then(() => true);
    const died = await Promise.race([came, delay(KILL_POINT_PATIENCE, false)]);
    await tracer.end('SIGTERM');
    return died;
  }

  /** Keeps a copy of the data of the stopped Redis. */
  copy(): void {
    rmSync(this.#copyPath, { recursive: true, force: true });
    this.server.copyData(this.#copyPath);
  }

  /** Restores the copy into the stopped Redis. */
  putCopyBack(): void {
    this.server.putDataBack(this.#copyPath);
  }

  /**
   * Removes all data from the brokers' view in one step, as FLUSHALL does; `lookAtLost` still reads
   * it.
   */
  async lose(): Promise<void> {
    await this.#run((client) => client.swapdb(0, LOST));
  }

  lookAtLost(): Look {
    return privateLook(this.looker, `${this.server.url}/${LOST}`);
  }

  /** Removes the wiped data for good. */
  async forgetLost(): Promise<void> {
    await this.#run((client) => client.select(LOST).then(() => client.flushdb()));
  }

  /** Reads the data on the disk of the stopped Redis. */
  lookAtDisk(): Look {
    const { second, server } = this;
    return async (use) => {
      await second.kill('SIGKILL');
      second.putDataBack(server.dataDirectory);
      await second.restart();
      return privateLook(this.looker, second.url)(use);
    };
  }

  async #run(what: (client: ReturnType<RedisServer['client']>) => Promise<unknown>): Promise<void> {
    const client = this.server.client();
    await what(client);
    client.disconnect();
  }

  get #copyPath(): string {
    return join(this.server.directory, 'copy');
  }
}
