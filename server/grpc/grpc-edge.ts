import { HealthImplementation } from 'grpc-health-check';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Logger } from 'pino';
import { TRACEPARENT } from '../../protocol/trace-context.js';
import type { CountCall, Edge } from '../edge.js';
import type { Http2Options, Http2Server, RequestListener } from '../http2/index.js';
import type { Listener, Listeners } from '../listen/listeners.js';
import type { Method } from '../services/service.js';
import { callLog } from './call-log.js';
import { FrameCache } from './frames.js';
import { InterceptorChain } from './interceptor.js';
import { internalErrors } from './internal-errors.js';
import { libraryMethods } from './library-service.js';
import { PassOn, type PassTarget } from './pass/pass-on.js';
import { reflectionMethods } from './reflection.js';
import { Router } from './router.js';
import { OK } from './status.js';

/** Makes an HTTP/2 server with some options changed. */
export type MakeHttp2Server = (
  listener: RequestListener,
  options: Partial<Http2Options>,
) => Http2Server;

/** Probes have no identity, and learn nothing but whether events can be stored. */
const HEALTH = '/grpc.health.v1.Health/';

const HTTP2_OPTIONS: Partial<Http2Options> = {
  // Enough for a client with thousands of subscriptions on one connection, and a limit to abuse.
  maxConcurrentStreams: 4096,
  // A stream takes messages from its subscription no sooner than it can send them.
  streamHighWaterMark: 64 * 1024,
};

/** Stands for all methods that another server answers, where calls are counted. */
const PASSED = 'passed';

/** The gRPC server: the services it is given, health and reflection. */
export class GrpcEdge implements Edge {
  readonly #health = new HealthImplementation({ '': 'SERVING' });
  #isClosing = false;
  readonly #http2: Http2Server;
  readonly #listening: Server[] = [];
  readonly #passOn: PassOn | undefined;

  /**
   * @param drainMs how long clients have to receive what is on its way to them when it closes
   * @param target answers all methods that are not among these
   */
  constructor(
    methods: readonly Method[],
    makeHttp2Server: MakeHttp2Server,
    private readonly listeners: Listeners,
    private readonly drainMs: number,
    log: Logger,
    target?: PassTarget,
    countCall: CountCall = () => undefined,
  ) {
    const library = [...libraryMethods([this.#health]), ...reflectionMethods()];
    const own = new Set([...methods, ...library].map(({ path }) => path));
    const interceptors = new InterceptorChain([
      ...(log.isLevelEnabled('debug') ? [callLog(log)] : []),
      internalErrors(log),
      {
        end: (call, status) => {
          // The text of a caller is no name of a metric.
          const method = own.has(call.path) ? call.path : PASSED;
          countCall(method, status, 1, status === OK ? undefined : call.metadata(TRACEPARENT));
        },
      },
    ]);
    this.#passOn = target && new PassOn(target);
    const context = {
      isOpen: (path: string) => path.startsWith(HEALTH),
      interceptors,
      frames: new FrameCache(),
    };
    const router = new Router([...methods, ...library], context, this.#passOn?.pass);
    this.#http2 = makeHttp2Server(router.take, HTTP2_OPTIONS);
  }

  async listen(address: string): Promise<string> {
    const listener = await this.listeners.prepare(address, ['h2']);
    const server = this.#makeServer(listener);
    const listening = await listener.listen(server);
    this.#listening.push(server);
    return listening;
  }

  #makeServer(listener: Listener): Server {
    const accept = (socket: Socket): void => {
      const access = listener.connect(socket);
      if (access === undefined) socket.destroy();
      else this.#http2.accept(socket, access);
    };
    const options = { noDelay: true };
    return listener.tls === undefined
      ? createServer(options, accept)
      : createTlsServer({ ...options, ...listener.tls }, accept);
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
    this.#passOn?.close();
  }
}
