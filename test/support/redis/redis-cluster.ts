import type { Redis } from 'ioredis';
import { eventually } from '../eventually.js';
import { RedisServer } from './redis-server.js';

const SLOTS = 16_384;
const MASTERS = 3;
const ARGS = [
  ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'],
  ...['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'],
];

/** Three masters that share the slots, and a replica for one of them if a test asks for it. */
export class RedisCluster {
  private constructor(
    readonly nodes: RedisServer[],
    readonly clients: Redis[],
  ) {}

  /** Resolves when every node accepts commands for all slots. */
  static async start(): Promise<RedisCluster> {
    const cluster = new RedisCluster([], []);
    try {
      await Promise.all(Array.from({ length: MASTERS }, () => cluster.#addNode()));
      await cluster.#join();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** A store URL. */
  get url(): string {
    return `redis+cluster://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  /** The index of the node that holds a key. */
  async indexOf(key: string): Promise<number> {
    const slot = await this.clients[0]!.cluster('KEYSLOT', key);
    return Math.floor((slot * MASTERS) / SLOTS);
  }

  /** Adds a replica of a master. Resolves with its index when it has all data. */
  async addReplica(of: number): Promise<number> {
    const index = await this.#addNode();
    const client = this.clients[index]!;
    const master = await this.clients[of]!.cluster('MYID');
    await client.cluster('MEET', '127.0.0.1', this.nodes[0]!.port);
    await eventually(async () => (await this.#knownNodes(client)) === this.nodes.length);
    await client.cluster('REPLICATE', master);
    await eventually(async () => (await client.info('replication')).includes('link_status:up'));
    // A takeover needs the master to know the replica, and the other masters to elect it.
    for (const node of this.clients) {
      await eventually(
        async () => ((await node.cluster('SLAVES', master)) as unknown[]).length === 1,
      );
    }
    return index;
  }

  /** Resolves when this replica has become the master. */
  async promote(replica: number): Promise<void> {
    const client = this.clients[replica]!;
    // The replica refuses while it is not connected to the others.
    await eventually(() =>
      client.cluster('FAILOVER').then(
        () => true,
        () => false,
      ),
    );
    await eventually(async () => (await client.info('replication')).includes('role:master'));
  }

  /** Moves all keys with the hash tag of this one, as resharding does. */
  async moveSlot(key: string, from: number, to: number): Promise<void> {
    const [source, target] = [this.clients[from]!, this.clients[to]!];
    const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')];
    const slot = await source.cluster('KEYSLOT', key);
    await target.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
    await source.cluster('SETSLOT', slot, 'MIGRATING', targetId);
    for (;;) {
      const keys = await source.cluster('GETKEYSINSLOT', slot, 10);
      if (keys.length === 0) break;
      const { port } = this.nodes[to]!;
      await source.migrate('127.0.0.1', port, '', 0, 5000, 'KEYS', ...keys);
    }
    for (const client of [target, source, ...this.clients]) {
      await client.cluster('SETSLOT', slot, 'NODE', targetId);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async #addNode(): Promise<number> {
    const node = await RedisServer.start({ args: ARGS });
    this.clients.push(node.client());
    return this.nodes.push(node) - 1;
  }

  async #join(): Promise<void> {
    const [first, ...others] = this.clients as [Redis, ...Redis[]];
    for (const [index, client] of this.clients.entries()) {
      // Without this, the nodes resolve the conflict of epochs slowly.
      await client.cluster('SET-CONFIG-EPOCH', index + 1);
      await client.cluster('ADDSLOTS', ...slotsOf(index));
    }
    for (const index of others.keys()) {
      await first.cluster('MEET', '127.0.0.1', this.nodes[index + 1]!.port);
    }
    for (const client of this.clients) {
      await eventually(
        async () =>
          (await this.#knownNodes(client)) === MASTERS &&
          (await client.cluster('INFO')).includes('cluster_state:ok'),
      );
    }
  }

  async #knownNodes(client: Redis): Promise<number> {
    return Number(/cluster_known_nodes:(\d+)/.exec(await client.cluster('INFO'))?.[1]);
  }
}

function slotsOf(index: number): number[] {
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  return slots.filter((slot) => Math.floor((slot * MASTERS) / SLOTS) === index);
}
