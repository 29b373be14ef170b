import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import { pino } from 'pino';
import { systemClock } from '../../protocol/clock.js';
import type { OpaquePublishRequest } from '../../protos/gen/foghorn/v1/envelope.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { Broker } from '../../server/broker/broker.js';
import { addMethods } from '../../server/grpc/grpc-js-methods.js';
import { FrameCache } from '../../server/grpc/frame-writer.js';
import { listen } from '../../server/grpc/listen.js';
import { ignoreLongDeadlines } from '../../server/grpc/long-deadlines.js';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.js';
import { takeUnaryCalls } from '../../server/grpc/unary/unary-call.js';
import { openStore } from '../../server/history/open.js';
import { eventsService } from '../../server/services/containerd/events-service.js';
import type { Call, Method } from '../../server/services/service.js';
import { RawConnection } from './raw-http2.js';

const LOG = pino({ level: 'silent' });

const PUBLISH = '/containerd.services.events.v1.Events/Publish';

type Accept = (request: OpaquePublishRequest, call: Call) => Promise<unknown>;

export interface PublishServerOptions {
  /** Whether Publish and Forward bypass grpc-js. */
  readonly past: boolean;
  /** Handler of Publish instead of the broker's. */
  readonly accept?: Accept;
  /** The same, only for calls through grpc-js. */
  readonly acceptThrough?: Accept;
}

/** A server of containerd's service alone, over a broker with a history in memory. */
export class PublishServer {
  readonly #connections: RawConnection[] = [];

  private constructor(
    private readonly directory: string,
    private readonly server: Server,
    readonly broker: Broker,
    readonly address: string,
  ) {}

  static async start({
    past,
    accept,
    acceptThrough = accept,
  }: PublishServerOptions): Promise<PublishServer> {
    setLogVerbosity(logVerbosity.NONE);
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-publish-'));
    const clock = systemClock();
    const store = await openStore('memory:', clock);
    const broker = await Broker.start(store, PayloadTypes.load([]), clock);
    const methods = eventsService(broker);
    const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
    addMethods(server, withPublish(methods, acceptThrough), {
      frames: new FrameCache(),
      log: LOG,
    });
    const address = await listen(server, `unix://${directory}/s.sock`);
    ignoreLongDeadlines(server);
    const unary = withPublish(methods, accept).filter((method) => method.kind === 'unary');
    if (past) takeUnaryCalls(server, unary, LOG);
    return new PublishServer(directory, server, broker, address);
  }

  /** Returns a new connection, which is cut when the server stops. */
  connect(): RawConnection {
    const connection = new RawConnection(this.address);
    this.#connections.push(connection);
    return connection;
  }

  /** Refuses new calls; resolves when the running ones have ended. */
  drain(): Promise<void> {
    this.server.drain(this.address, 60_000);
    return new Promise((resolve) => {
      this.server.tryShutdown(() => {
        resolve();
      });
    });
  }

  stop(): void {
    for (const connection of this.#connections) connection.kill();
    this.server.forceShutdown();
    this.broker.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Returns the methods, with another handler for Publish if one is given. */
function withPublish(methods: readonly Method[], handle: Accept | undefined): Method[] {
  return methods.map((method) =>
    method.path === PUBLISH && handle !== undefined ? ({ ...method, handle } as Method) : method,
  );
}
