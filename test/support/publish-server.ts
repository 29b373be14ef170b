import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../protocol/clock.js';
import type { OpaquePublishRequest } from '../../protos/gen/foghorn/v1/envelope.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { Broker } from '../../server/broker/broker.js';
import { GrpcEdge } from '../../server/grpc/grpc-edge.js';
import { openStore } from '../../server/history/open.js';
import { eventsService } from '../../server/services/containerd/events-service.js';
import type { Call, Method } from '../../server/services/service.js';
import { RawConnection } from './raw-http2.js';
import { WIRES, type Wire } from './wires.js';
import { openListeners } from './open-listeners.js';

const LOG = pino({ level: 'silent' });
const DRAIN_MS = 60_000;

const PUBLISH = '/containerd.services.events.v1.Events/Publish';

type Accept = (request: OpaquePublishRequest, call: Call) => Promise<unknown>;

export interface PublishServerOptions {
  readonly wire?: Wire;
  /** Handler of Publish instead of the broker's. */
  readonly accept?: Accept;
}

/** A server of containerd's service alone, over a broker with a history in memory. */
export class PublishServer {
  readonly #connections: RawConnection[] = [];

  private constructor(
    private readonly directory: string,
    private readonly edge: GrpcEdge,
    readonly broker: Broker,
    readonly address: string,
  ) {}

  static async start({ wire = 'own', accept }: PublishServerOptions = {}): Promise<PublishServer> {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-publish-'));
    const store = await openStore('memory:', systemClock);
    const broker = await Broker.start(store, PayloadTypes.load([]), systemClock);
    const methods = withPublish(eventsService(broker), accept);
    const edge = new GrpcEdge(methods, WIRES[wire], openListeners(), DRAIN_MS, LOG);
    const address = await edge.listen(`unix://${directory}/s.sock`);
    return new PublishServer(directory, edge, broker, address);
  }

  /** Returns a new connection, which is cut when the server stops. */
  connect(): RawConnection {
    const connection = new RawConnection(this.address);
    this.#connections.push(connection);
    return connection;
  }

  /** Refuses new calls; resolves when the running ones have ended. */
  drain(): Promise<void> {
    return this.edge.close();
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.kill();
    await this.edge.close();
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
