import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { eventually } from '../../test/support/eventually.js';
import type { RedisSentinelSet } from '../../test/support/redis/redis-sentinel-set.js';
import type { RedisServer } from '../../test/support/redis/redis-server.js';

/** Longer than replication takes on a busy machine. */
const PAUSE_MS = 60_000;

/** A server and a client of it. */
interface Node {
  readonly server: RedisServer;
  readonly client: Redis;
}

/** Lets the master and the replica of a set swap roles by killing the master. */
export class FailOver {
  #old: Node;
  #next: Node;

  constructor({ master, replica }: RedisSentinelSet) {
    this.#old = { server: master, client: master.client() };
    this.#next = { server: replica, client: replica.client() };
  }

  /**
   * Kills the master once its replica has everything, and resolves when the two have swapped roles.
   * Writes are paused before, so that none is answered and then lost.
   */
  async run(): Promise<void> {
    const { server, client } = this.#old;
    await client.call('CLIENT', 'PAUSE', PAUSE_MS, 'WRITE');
    while ((await offsetIn(this.#next, 'slave_repl_offset')) < (await offsetIn(this.#old))) {
      await delay(10);
    }
    await server.kill();
    await eventually(async () => (await this.#next.client.info()).includes('role:master'));
    // As a master it would take writes until the sentinel has noticed it, and lose them then.
    await server.restart(['--replicaof', '127.0.0.1', `${this.#next.server.port}`]);
    await eventually(async () => (await client.info()).includes('link_status:up'));
    [this.#old, this.#next] = [this.#next, this.#old];
  }
}

async function offsetIn({ client }: Node, field = 'master_repl_offset'): Promise<number> {
  const info = await client.info('replication');
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1]);
}
