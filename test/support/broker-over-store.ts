import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../protocol/clock.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { Broker } from '../../server/broker/broker.js';
import { GrpcEdge } from '../../server/grpc/grpc-edge.js';
import { createHttp2Server } from '../../server/http2/index.js';
import { openStore } from '../../server/history/open.js';
import { eventsService } from '../../server/services/containerd/events-service.js';
import { OpenWaits } from '../../server/runs/open-waits.js';
import { Recorders } from '../../server/recorders/recorders.js';
import { historyService } from '../../server/services/history/history-service.js';
import type { EventStore, Retention } from '../../server/history/store.js';
import { DEFAULT_TIMINGS } from '../../server/timings.js';
import { TestClient } from './test-client.js';
import { openListeners } from './open-listeners.js';

export type StoreKind = 'memory' | 'lmdb';
export const STORE_KINDS: readonly StoreKind[] = ['memory', 'lmdb'];

export const KEEP_ALL: Retention = {
  age: undefined,
  bytes: undefined,
  entries: undefined,
  lastingAge: undefined,
  lastingBytes: undefined,
};

interface Parts {
  readonly store: EventStore;
  readonly broker: Broker;
  readonly edge: GrpcEdge;
  readonly address: string;
}

/** A server whose parts a test controls: it trims on request, and the test may wrap the store. */
export class BrokerOverStore {
  readonly #clients: TestClient[] = [];
  #drained: Promise<void> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly parts: Parts,
  ) {}

  /** @param wrap returns the store that the broker uses */
  static async start(
    kind: StoreKind,
    { retention = KEEP_ALL, wrap = (store: EventStore): EventStore => store } = {},
  ): Promise<BrokerOverStore> {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-parts-'));
    const url = kind === 'memory' ? 'memory:' : `lmdb:${directory}/history`;
    const store = await openStore(url, systemClock);
    const broker = await Broker.start(wrap(store), PayloadTypes.load([]), systemClock);
    const identity = { version: '0', store: url, retention };
    const services = [
      ...eventsService(broker),
      ...historyService(
        { broker, recorders: new Recorders(100), waits: new OpenWaits() },
        identity,
      ),
    ];
    const log = pino({ level: 'silent' });
    const edge = new GrpcEdge(
      services,
      createHttp2Server,
      openListeners(),
      DEFAULT_TIMINGS.drainMs,
      log,
    );
    const address = await edge.listen(`unix://${directory}/s.sock`);
    return new BrokerOverStore(directory, { store, broker, edge, address });
  }

  /** The store itself. */
  get store(): EventStore {
    return this.parts.store;
  }

  get broker(): Broker {
    return this.parts.broker;
  }

  get address(): string {
    return this.parts.address;
  }

  /** Returns a client with its own connection, which closes when the server stops. */
  client(): TestClient {
    const client = new TestClient(this.address);
    this.#clients.push(client);
    return client;
  }

  /** Trims until nothing is over budget. */
  async trim(retention: Partial<Retention>): Promise<void> {
    let done = false;
    while (!done) ({ done } = await this.store.trim({ ...KEEP_ALL, ...retention }));
  }

  /** Drains the broker. May be called twice. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    const { broker, edge, store } = this.parts;
    broker.drain();
    await edge.close();
    broker.close();
    await store.close();
  }

  /** Drains, then releases everything. */
  async stop(): Promise<void> {
    await this.drain();
    for (const client of this.#clients) client.close();
    rmSync(this.directory, { recursive: true });
  }
}
