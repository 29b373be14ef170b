import { eventually } from '../eventually.js';
import { RedisServer } from './redis-server.js';

const MASTER_NAME = 'history';
const REPLICATION = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];

/** A master, its replica, and a sentinel that promotes the replica a second after its loss. */
export class RedisSentinelSet {
  private constructor(
    readonly master: RedisServer,
    readonly replica: RedisServer,
    readonly sentinel: RedisServer,
  ) {}

  /** Resolves when the replica is in sync and known to the sentinel. */
  static async start(): Promise<RedisSentinelSet> {
    const started: RedisServer[] = [];
    const start = async (args: string[], config = ''): Promise<RedisServer> => {
      const server = await RedisServer.start({ args, config });
      started.push(server);
      return server;
    };
    try {
      const master = await start(REPLICATION);
      const { port } = master;
      const replica = await start([...REPLICATION, '--replicaof', '127.0.0.1', String(port)]);
      const sentinel = await start(['--sentinel'], sentinelConfig(port));
      const set = new RedisSentinelSet(master, replica, sentinel);
      await set.#ready();
      return set;
    } catch (error) {
      for (const server of started) await server.stop();
      throw error;
    }
  }

  /** A store URL. */
  get url(): string {
    return `redis+sentinel://127.0.0.1:${this.sentinel.port}/${MASTER_NAME}`;
  }

  /** Resolves when the replica has all current data of the master. */
  async replicaHasAll(): Promise<void> {
    await this.master.client().wait(1, 0);
  }

  /** Stops replication; the replica can still be promoted. */
  async cutReplicaOff(): Promise<void> {
    const client = this.replica.client();
    // The master rejects these credentials.
    await client.config('SET', 'masteruser', 'unknown', 'masterauth', 'nothing');
    await client.client('KILL', 'TYPE', 'MASTER');
    await eventually(async () => (await client.info('replication')).includes('link_status:down'));
  }

  /** Kills the master; resolves when the replica is the new one. */
  async failOver(): Promise<void> {
    await this.master.kill();
    const client = this.replica.client();
    await eventually(async () => (await client.info('replication')).includes('role:master'));
  }

  /** Makes the two swap roles while both run; resolves when they have. */
  async switchOver(): Promise<void> {
    const sentinel = this.sentinel.client();
    // The sentinel refuses until it has enough information about the replica.
    await eventually(() =>
      sentinel.call('SENTINEL', 'FAILOVER', MASTER_NAME).then(
        () => true,
        () => false,
      ),
    );
    for (const [server, role] of [
      [this.replica, 'role:master'],
      [this.master, 'role:slave'],
    ] as const) {
      const client = server.client();
      await eventually(async () => (await client.info('replication')).includes(role));
    }
  }

  async stop(): Promise<void> {
    for (const server of [this.sentinel, this.replica, this.master]) await server.stop();
  }

  async #ready(): Promise<void> {
    const replica = this.replica.client();
    await eventually(async () => (await replica.info('replication')).includes('link_status:up'));
    const sentinel = this.sentinel.client();
    await eventually(async () => {
      const replicas = await sentinel.call('SENTINEL', 'REPLICAS', MASTER_NAME);
      return (replicas as unknown[]).length === 1;
    });
  }
}

function sentinelConfig(port: number): string {
  const settings = [
    `monitor ${MASTER_NAME} 127.0.0.1 ${port} 1`,
    `down-after-milliseconds ${MASTER_NAME} 1000`,
    `failover-timeout ${MASTER_NAME} 3000`,
  ];
  return settings.map((setting) => `sentinel ${setting}\n`).join('');
}
