import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Listeners } from '../../listen/listeners.js';
import { FrontConnection, type FrontClient, type FrontContext } from './front-connection.js';
import { HttpPeer } from './http-peer.js';
import { readInto } from './accepted-socket.js';
import { ReadBuffer, sharedMemory } from './read-buffer.js';
import { LocalServer } from './local-server.js';
import type { DockerAddress } from './socket-filter.js';

const LISTEN_OPTIONS = {
  // The end of a client's side is passed on to the engine.
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
};

/** Takes the connections of Docker clients, for Node's HTTP server and for an engine. */
export class EngineFront {
  readonly #servers: Server[] = [];
  readonly #connections = new Map<Socket, FrontConnection>();
  readonly #context: FrontContext;

  /**
   * @param http answers the requests that are routed to Foghorn
   * @param drainMs how long clients have for their last answers when it closes
   */
  constructor(
    http: HttpServer,
    rest: Omit<FrontContext, 'local' | 'shared'>,
    private readonly listeners: Listeners,
    private readonly drainMs: number,
  ) {
    this.#context = { ...rest, local: new LocalServer(http), shared: sharedMemory() };
  }

  /** See `Edge.listen`. */
  async listen({ address, filter }: DockerAddress): Promise<string> {
    const listener = await this.listeners.prepare(address, ['http/1.1']);
    const accept = (accepted: Socket): void => {
      const buffer = listener.tls === undefined ? new ReadBuffer(this.#context.shared) : undefined;
      const moved = buffer && readInto(accepted, buffer);
      const socket = moved ?? accepted;
      const access = listener.connect(socket);
      if (access === undefined) {
        socket.destroy();
        return;
      }
      const peer = new HttpPeer(socket, moved && buffer);
      this.#accept({ peer, access, listener: listener.kind, address, filter });
    };
    const server =
      listener.tls === undefined
        ? createServer({ ...LISTEN_OPTIONS, pauseOnConnect: true }, accept)
        : createTlsServer({ ...LISTEN_OPTIONS, ...listener.tls }, accept);
    const listening = await listener.listen(server);
    this.#servers.push(server);
    return listening;
  }

  /** Takes no new connections, and cuts those that do not end in time. */
  async close(): Promise<void> {
    const timer = setTimeout(() => {
      for (const socket of this.#connections.keys()) socket.destroy();
    }, this.drainMs);
    const closed = [...this.#servers, ...this.#connections.keys()].map((one) => once(one, 'close'));
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections.values()) connection.close();
    await Promise.all(closed);
    clearTimeout(timer);
  }

  #accept(client: FrontClient): void {
    const { socket } = client.peer;
    const connection = new FrontConnection(client, this.#context);
    this.#connections.set(socket, connection);
    socket.on('close', () => {
      this.#connections.delete(socket);
    });
    void connection.run();
  }
}
