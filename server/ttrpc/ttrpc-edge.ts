import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { FoghornError } from '../../protocol/errors.js';
import type { Caller } from '../access/caller.js';
import type { ConnectionAccess } from '../access/connection-access.js';
import type { CountCall, Edge } from '../edge.js';
import { ClientErrors } from '../internal-error.js';
import { cannotListenOn, parseListenAddress } from '../listen/listen-address.js';
import type { Listener, Listeners } from '../listen/listeners.js';
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
  readonly #errors: ClientErrors;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<TtrpcConnection>();

  /** @param drainMs how long requests have to be answered when it closes */
  constructor(
    methods: readonly BatchMethod[],
    private readonly listeners: Listeners,
    private readonly drainMs: number,
    log: Logger,
    private readonly countCalls: CountCall = () => undefined,
  ) {
    this.#methods = tableOf(methods);
    this.#errors = new ClientErrors(log);
  }

  async listen(address: string): Promise<string> {
    if (parseListenAddress(address).kind !== 'socket') {
      throw cannotListenOn(address, 'expected unix:///path, because ttrpc has no TCP');
    }
    const listener = await this.listeners.prepare(address, []);
    const server = createServer((socket) => {
      this.#accept(socket, listener);
    });
    this.#servers.push(server);
    return listener.listen(server, OWNER_ONLY);
  }

  #accept(socket: Socket, listener: Listener): void {
    const caller = callerOf(listener.connect(socket));
    if (caller === undefined) {
      socket.destroy();
      return;
    }
    const connection = new TtrpcConnection(
      socket,
      this.#methods,
      caller,
      this.#errors,
      this.countCalls,
    );
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
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

/** Undefined for a caller that is not identified, or has too many connections. */
function callerOf(access: ConnectionAccess | undefined): Caller | undefined {
  try {
    const identity = access?.identify(undefined);
    // Only tokens take time, and ttrpc has none.
    return identity instanceof Promise ? undefined : identity?.caller;
  } catch (error) {
    if (error instanceof FoghornError) return undefined;
    throw error;
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
