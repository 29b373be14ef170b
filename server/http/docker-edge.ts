import { createServer } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import type { Broker } from '../broker/broker.js';
import { Containers } from '../docker/containers.js';
import { LiveFeed } from '../docker/live-feed.js';
import type { Edge } from '../edge.js';
import { listenRefusal, parseListenAddress } from '../listen/listen-address.js';
import { makeSocket } from '../listen/socket-file.js';
import { answerRequest } from './docker/router.js';
import type { DockerApi } from './docker/api.js';

/** The oldest version of the API that is spoken. */
const MIN_API_VERSION = '1.24';

/** dockerd closes no idle connection; clients that keep one for this long find out that it is closed. */
const KEEP_ALIVE_MS = 60 * 60_000;
/** As much of a request's head as dockerd takes: filters may name many containers. */
const MAX_HEAD_BYTES = 1024 * 1024;

export interface DockerEdgeOptions {
  /** The containerd namespace that is shown. */
  readonly namespace: string;
  /** The newest version of the API that is spoken. */
  readonly apiVersion: string;
  /** Of Foghorn. */
  readonly version: string;
  /** How long clients have to receive what is on its way to them when it closes. */
  readonly drainMs: number;
}

/** The HTTP servers that Docker clients talk to, one for each address. */
export class DockerEdge implements Edge {
  readonly #api: DockerApi;
  readonly #servers: Server[] = [];
  readonly #drainMs: number;
  /** Connections are not kept for another request any more. */
  #isClosing = false;

  constructor(
    broker: Broker,
    clock: Clock,
    { namespace, apiVersion, version, drainMs }: DockerEdgeOptions,
    log: Logger,
  ) {
    const feed = new LiveFeed(broker, namespace, log);
    const source = { broker, feed, namespace, clock, log };
    const versions = { min: MIN_API_VERSION, max: apiVersion };
    this.#drainMs = drainMs;
    this.#api = { source, containers: new Containers(source), versions, version, log };
  }

  /** As the gRPC edge's: resolves with the address as clients can use it. Throws INVALID_ARGUMENT and FAILED_PRECONDITION. */
  async listen(address: string): Promise<string> {
    const parsed = parseListenAddress(address);
    const server = this.#makeServer();
    if (parsed.kind === 'socket') {
      return makeSocket(parsed.path, () => bind(server, { path: parsed.path }, address));
    }
    const { host, port } = parsed;
    await bind(server, { host: host.replace(/^\[(.*)\]$/, '$1'), port }, address);
    return `${host}:${(server.address() as AddressInfo).port}`;
  }

  /** Takes no new connections, lets answers end that are under way, and cuts off those that do not in time. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#api.containers.close();
    const timer = setTimeout(() => {
      for (const server of this.#servers) server.closeAllConnections();
    }, this.#drainMs);
    await Promise.all(
      this.#servers.map(async (server) => {
        const closed = once(server, 'close');
        // Also closes connections that are idle.
        server.close();
        await closed;
      }),
    );
    clearTimeout(timer);
  }

  #makeServer(): Server {
    const options = {
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      maxHeaderSize: MAX_HEAD_BYTES,
    };
    const server = createServer(options, (message, response) => {
      // dockerd does not send it, and connections are kept all the same.
      response.removeHeader('Connection');
      response.once('finish', () => {
        if (this.#isClosing) message.socket.end();
      });
      void answerRequest(this.#api, message, response);
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    // A stream of events lasts for as long as it does; what is limited is the time to send a request's headers.
    server.requestTimeout = 0;
    this.#servers.push(server);
    return server;
  }
}

async function bind(server: Server, where: ListenOptions, address: string): Promise<void> {
  try {
    server.listen(where);
    await once(server, 'listening');
  } catch (error) {
    throw listenRefusal(address, (error as Error).message, error);
  }
}
