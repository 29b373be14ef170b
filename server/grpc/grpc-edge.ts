import { HealthImplementation } from 'grpc-health-check';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Logger } from 'pino';
import type { Edge } from '../edge.js';
import type { Http2Options, Http2Server, RequestListener } from '../http2/index.js';
import { listenOn } from '../listen/listen-socket.js';
import type { Method } from '../services/service.js';
import { callLog } from './call-log.js';
import { FrameCache } from './frames.js';
import { InterceptorChain } from './interceptor.js';
import { identify } from './identify.js';
import { internalErrors } from './internal-errors.js';
import { libraryMethods } from './library-service.js';
import { reflectionMethods } from './reflection.js';
import { Router } from './router.js';

/** Makes an HTTP/2 server with some options changed. */
export type MakeHttp2Server = (
  listener: RequestListener,
  options: Partial<Http2Options>,
) => Http2Server;

const HTTP2_OPTIONS: Partial<Http2Options> = {
  // Enough for a client with thousands of subscriptions on one connection, and a limit to abuse.
  maxConcurrentStreams: 4096,
  // A stream takes messages from its subscription no sooner than it can send them.
  streamHighWaterMark: 64 * 1024,
};

/** The gRPC server: the services it is given, health and reflection. */
export class GrpcEdge implements Edge {
  readonly #health = new HealthImplementation({ '': 'SERVING' });
  #isClosing = false;
  readonly #http2: Http2Server;
  readonly #listening: Server[] = [];

  /** @param drainMs how long clients have to receive what is on its way to them when it closes */
  constructor(
    methods: readonly Method[],
    makeHttp2Server: MakeHttp2Server,
    private readonly drainMs: number,
    log: Logger,
  ) {
    const library = [...libraryMethods([this.#health]), ...reflectionMethods()];
    const interceptors = new InterceptorChain([
      identify,
      ...(log.isLevelEnabled('debug') ? [callLog(log)] : []),
      internalErrors(log),
    ]);
    const router = new Router([...methods, ...library], { interceptors, frames: new FrameCache() });
    this.#http2 = makeHttp2Server(router.take, HTTP2_OPTIONS);
  }

  async listen(address: string): Promise<string> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#http2.accept(socket);
    });
    const listening = await listenOn(server, address);
    this.#listening.push(server);
    return listening;
  }

  reportReady(isReady: boolean): void {
    if (!this.#isClosing) this.#health.setStatus('', isReady ? 'SERVING' : 'NOT_SERVING');
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#health.setStatus('', 'NOT_SERVING');
    const closed = this.#listening.map((server) => once(server, 'close'));
    for (const server of this.#listening) server.close();
    const timer = setTimeout(() => {
      this.#http2.destroy();
    }, this.drainMs);
    await Promise.all([this.#http2.drain(), ...closed]);
    clearTimeout(timer);
  }
}
