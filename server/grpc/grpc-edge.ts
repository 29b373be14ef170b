import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import { protoIncludeDirs, SERVICE_FILES } from '../../protocol/proto-files.js';
import type { Edge } from '../edge.js';
import type { Method, UnaryMethod } from '../services/service.js';
import { GrpcConnections } from './connections.js';
import { FrameCache } from './frame-writer.js';
import { addMethods } from './grpc-js-methods.js';
import { listen } from './listen.js';
import { ignoreLongDeadlines } from './long-deadlines.js';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.js';
import { takeUnaryCalls } from './unary/unary-call.js';

const OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  // Channelz costs memory for every stream, and its data has no reader.
  'grpc.enable_channelz': 0,
  // Ends connections whose client is gone or never began to speak. A client that only stands still,
  // stopped or in a debugger, is kept that long, because containerd's clients could not resume.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 300_000,
  // Enough for a client with thousands of subscriptions on one connection, and a limit to abuse.
  'grpc.max_concurrent_streams': 4096,
} as const;

/** How long a connection may take to close after a drain. */
const CLOSE_MS = 500;

/** The gRPC server: the services it is given, health and reflection. */
export class GrpcEdge implements Edge {
  readonly #server = new Server(OPTIONS);
  readonly #health = new HealthImplementation({ '': 'SERVING' });
  readonly #connections = new GrpcConnections();
  readonly #addresses: string[] = [];
  readonly #unaryMethods: readonly UnaryMethod[];

  /** @param drainMs how long clients have to receive what is on its way to them when it closes */
  constructor(
    methods: readonly Method[],
    private readonly drainMs: number,
    private readonly log: Logger,
  ) {
    this.#unaryMethods = methods.filter((method) => method.kind === 'unary');
    // grpc-js would print errors on stderr that also reach our log or our caller.
    setLogVerbosity(logVerbosity.NONE);
    addMethods(this.#server, methods, { frames: new FrameCache(), log });
    this.#health.addToServer(this.#server);
    const services = loadSync([...SERVICE_FILES], { includeDirs: protoIncludeDirs() });
    new ReflectionService(services).addToServer(this.#server);
  }

  async listen(address: string): Promise<string> {
    const listening = await listen(this.#server, address);
    ignoreLongDeadlines(this.#server);
    takeUnaryCalls(this.#server, this.#unaryMethods, this.log);
    this.#connections.watch(this.#server);
    this.#addresses.push(listening);
    return listening;
  }

  async close(): Promise<void> {
    this.#health.setStatus('', 'NOT_SERVING');
    // `drain` cuts connections; `forceShutdown` would know of none while channelz is off.
    for (const address of this.#addresses) this.#server.drain(address, this.drainMs);
    const timer = setTimeout(() => {
      this.#connections.cut();
    }, this.drainMs + CLOSE_MS);
    await new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => {
        resolve();
      });
    });
    clearTimeout(timer);
  }
}
