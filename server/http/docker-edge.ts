import { createServer } from 'node:http';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import { Containers } from '../docker/containers.js';
import { DockerEvents } from '../docker/docker-events.js';
import type { RunSource } from '../runs/exit-wait.js';
import type { Edge } from '../edge.js';
import { listenOn } from '../listen/listen-socket.js';
import { answerRequest } from './docker/router.js';
import type { DockerApi } from './docker/api.js';
import { OneAtATime } from './one-at-a-time.js';

/** The oldest supported version of the API. */
const MIN_API_VERSION = '1.24';

/** Timeout of idle connections, which dockerd does not have. */
const KEEP_ALIVE_MS = 60 * 60_000;
/**
 * dockerd's limit of a request's head, which is large because filters may name many containers.
 */
const MAX_HEAD_BYTES = 1024 * 1024;

export interface DockerEdgeOptions {
  /** The containerd namespace that Docker clients see. */
  readonly namespace: string;
  /** The newest supported version of the API. */
  readonly apiVersion: string;
  /** Foghorn's version. */
  readonly version: string;
  /** How long clients have to receive what is on its way to them when it closes. */
  readonly drainMs: number;
}

/** The HTTP servers for Docker clients, one for each address. */
export class DockerEdge implements Edge {
  readonly #api: DockerApi;
  readonly #servers: Server[] = [];
  readonly #drainMs: number;
  /** Connections close after their current request. */
  #isClosing = false;

  constructor(
    { broker, recorders }: RunSource,
    clock: Clock,
    { namespace, apiVersion, version, drainMs }: DockerEdgeOptions,
    log: Logger,
  ) {
    const events = new DockerEvents(broker, namespace, log);
    const source = { broker, recorders, events, namespace, clock, log };
    const versions = { min: MIN_API_VERSION, max: apiVersion };
    this.#drainMs = drainMs;
    this.#api = { source, containers: new Containers(source), versions, version, log };
  }

  listen(address: string): Promise<string> {
    return listenOn(this.#makeServer(), address);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#api.containers.close();
    const timer = setTimeout(() => {
      for (const server of this.#servers) server.closeAllConnections();
    }, this.#drainMs);
    await Promise.all(
      this.#servers.map(async (server) => {
        const closed = once(server, 'close');
        // This closes idle connections, too.
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
    const requests = new OneAtATime((message, response, gone) => {
      void answerRequest(this.#api, message, response, gone);
    });
    const server = createServer(options, (message, response) => {
      // dockerd does not send this header, and connections persist without it.
      response.removeHeader('Connection');
      response.once('finish', () => {
        if (this.#isClosing) message.socket.end();
      });
      requests.take(message, response);
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    // A stream of events has no time limit; `headersTimeout` still limits the time to send a
    // request's headers.
    server.requestTimeout = 0;
    this.#servers.push(server);
    return server;
  }
}
