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

/** How long a Redis that is to be killed at a point may live, in milliseconds. */
const KILL_POINT_PATIENCE = 8_000;

/** The database that holds for a moment what was lost. */
const LOST = 1;

/**
 * The Redis, through all that happens to it, and a second one that nobody uses: what the first holds is looked at there,
 * so that looking leaves no traces.
 */
export class RedisUnderTest {
  private constructor(
    private readonly server: RedisServer,
    private readonly second: RedisServer,
    private readonly looker: BrokerProcess,
  ) {}

  /** Starts it. @param looker a broker that is used for looks alone */
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

  /** Kills it, if that is not done yet, and starts it again. */
  async restart(): Promise<void> {
    await this.server.restart();
  }

  async halt(milliseconds: number): Promise<void> {
    this.server.pause();
    await delay(milliseconds);
    this.server.resume();
  }

  /** Kills it at a point on the way of an event, if it comes to that in time. */
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

  /** Keeps a copy of what it holds. It must not run. */
  copy(): void {
    rmSync(this.#copyPath, { recursive: true, force: true });
    this.server.copyData(this.#copyPath);
  }

  /** It must not run. */
  putCopyBack(): void {
    this.server.putDataBack(this.#copyPath);
  }

  /** Takes everything from those who use it, in one step, as FLUSHALL does; `lookAtLost` still shows it. */
  async lose(): Promise<void> {
    await this.#tell((client) => client.swapdb(0, LOST));
  }

  lookAtLost(): Look {
    return privateLook(this.looker, `${this.server.url}/${LOST}`);
  }

  /** The end of what was lost. */
  async forgetLost(): Promise<void> {
    await this.#tell((client) => client.select(LOST).then(() => client.flushdb()));
  }

  /** A look at what is on its disk. It must not run. */
  lookAtDisk(): Look {
    const { second, server } = this;
    return async (use) => {
      await second.kill('SIGKILL');
      second.putDataBack(server.dataDirectory);
      await second.restart();
      return privateLook(this.looker, second.url)(use);
    };
  }

  async #tell(
    what: (client: ReturnType<RedisServer['client']>) => Promise<unknown>,
  ): Promise<void> {
    const client = this.server.client();
    await what(client);
    client.disconnect();
  }

  get #copyPath(): string {
    return join(this.server.directory, 'copy');
  }
}
