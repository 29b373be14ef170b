import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Logger } from 'pino';
import { LOCAL } from '../access/caller.js';
import type { Edge } from '../edge.js';
import { cannotListenOn, parseListenAddress } from '../listen/listen-address.js';
import { listenOn } from '../listen/listen-socket.js';
import type { BatchMethod } from '../services/service.js';
import { TtrpcConnection, type MethodTable } from './ttrpc-connection.js';

/**
 * Only the broker's own user may connect. containerd checks the same for each connection; a
 * socket's mode is what Node offers for it.
 */
const OWNER_ONLY = 0o600;

/** containerd's ttrpc, for shims that publish their events. */
export class TtrpcEdge implements Edge {
  readonly #methods: MethodTable;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<TtrpcConnection>();

  /** @param drainMs how long requests have to be answered when it closes */
  constructor(
    methods: readonly BatchMethod[],
    private readonly drainMs: number,
    private readonly log: Logger,
  ) {
    this.#methods = tableOf(methods);
  }

  async listen(address: string): Promise<string> {
    if (parseListenAddress(address).kind !== 'socket') {
      throw cannotListenOn(address, 'expected unix:///path, because ttrpc has no TCP');
    }
    const server = createServer((socket) => {
      const connection = new TtrpcConnection(socket, this.#methods, LOCAL, this.log);
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    });
    this.#servers.push(server);
    return listenOn(server, address, OWNER_ONLY);
  }

  async close(): Promise<void> {
    const closed = this.#servers.map(async (server) => {
      if (!server.listening) return;
      const done = once(server, 'close');
      server.close();
      await done;
    });
    for (const connection of this.#connections) connection.drain();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, this.drainMs);
    await Promise.all(closed);
    clearTimeout(timer);
  }
}

function tableOf(methods: readonly BatchMethod[]): MethodTable {
  const table = new Map<string, Map<string, BatchMethod>>();
  for (const method of methods) {
    const [, service = '', name = ''] = method.path.split('/');
    const named = table.get(service) ?? new Map<string, BatchMethod>();
    table.set(service, named.set(name, method));
  }
  return table;
}
