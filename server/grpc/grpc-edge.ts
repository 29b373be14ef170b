import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import { protoIncludeDirs, SERVICE_FILES } from '../../protocol/proto-files.js';
import type { Broker } from '../broker/broker.js';
import { Connections } from './connections.js';
import { eventsDefinition, eventsImplementation } from '../services/containerd/events-service.js';
import type { ServerIdentity } from '../services/history/describe-response.js';
import { historyDefinition, historyImplementation } from '../services/history/history-service.js';
import { listen } from './listen.js';
import { ignoreLongDeadlines } from './long-deadlines.js';
import { publishMethods, type PublishMethods } from '../services/containerd/publish-methods.js';
import { MAX_MESSAGE_BYTES } from './unary/message-reader.js';
import { takeUnaryCalls } from './unary/take-over.js';

const OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  // Costs memory for every stream, and nobody reads it.
  'grpc.enable_channelz': 0,
  // Ends connections whose other side is gone or never began to speak. A reader that only stands still, stopped or in a
  // debugger, keeps its place for that long: containerd's clients could not come back to it.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 300_000,
  // Enough for a client with thousands of subscriptions on one connection, and an end to abuse.
  'grpc.max_concurrent_streams': 4096,
} as const;

/** How long a drained server waits for clients to take what is on its way to them. */
const DRAIN_MS = 5_000;
/** How long after that a connection may take to close. */
const CLOSE_MS = 500;

/** The gRPC server: containerd's events, our history, health and reflection. */
export class GrpcEdge {
  readonly #server = new Server(OPTIONS);
  readonly #health = new HealthImplementation({ '': 'SERVING' });
  readonly #connections = new Connections();
  readonly #addresses: string[] = [];
  readonly #publishing: PublishMethods;

  constructor(
    broker: Broker,
    identity: ServerIdentity,
    private readonly log: Logger,
  ) {
    this.#publishing = publishMethods(broker);
    // What grpc-js would print on stderr reaches us as errors too, and goes to our log or our caller.
    setLogVerbosity(logVerbosity.NONE);
    this.#server.addService(eventsDefinition, eventsImplementation(this.#publishing, broker, log));
    this.#server.addService(historyDefinition, historyImplementation(broker, identity, log));
    this.#health.addToServer(this.#server);
    const services = loadSync([...SERVICE_FILES], { includeDirs: protoIncludeDirs() });
    new ReflectionService(services).addToServer(this.#server);
  }

  /** See `listen`: resolves with the address as clients can use it. */
  async listen(address: string): Promise<string> {
    const listening = await listen(this.#server, address);
    ignoreLongDeadlines(this.#server);
    takeUnaryCalls(this.#server, Object.values(this.#publishing), this.log);
    this.#connections.watch(this.#server);
    this.#addresses.push(listening);
    return listening;
  }

  /** Takes no new connections, lets the running calls end, and cuts off those that do not in time. */
  async close(): Promise<void> {
    this.#health.setStatus('', 'NOT_SERVING');
    // This is what cuts connections: forceShutdown knows of none while channelz is off.
    for (const address of this.#addresses) this.#server.drain(address, DRAIN_MS);
    const timer = setTimeout(() => {
      this.#connections.cut();
    }, DRAIN_MS + CLOSE_MS);
    await new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => {
        resolve();
      });
    });
    clearTimeout(timer);
  }
}
