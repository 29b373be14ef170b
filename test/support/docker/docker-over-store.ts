import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { OpenWaits } from '../../../server/runs/open-waits.js';
import { Recorders } from '../../../server/recorders/recorders.js';
import { systemClock } from '../../../protocol/clock.js';
import { DockerEdge } from '../../../server/http/docker-edge.js';
import type { EventStore } from '../../../server/history/store.js';
import { BrokerOverStore, type StoreKind } from '../broker-over-store.js';
import { DockerClient } from './docker-client.js';
import { openListeners } from '../open-listeners.js';

const OPTIONS = {
  namespace: 'default',
  apiVersion: '1.51',
  version: '0',
  drainMs: 5000,
  engine: undefined,
};

/** The Docker API over a broker whose parts a test controls; see `BrokerOverStore`. */
export class DockerOverStore {
  private constructor(
    readonly parts: BrokerOverStore,
    readonly docker: DockerClient,
    private readonly edge: DockerEdge,
    private readonly directory: string,
  ) {}

  /** @param wrap returns the store that the broker uses */
  static async start(
    kind: StoreKind,
    options: { wrap?: (store: EventStore) => EventStore } = {},
  ): Promise<DockerOverStore> {
    const parts = await BrokerOverStore.start(kind, options);
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-docker-parts-'));
    const edge = new DockerEdge(
      { broker: parts.broker, recorders: new Recorders(100), waits: new OpenWaits() },
      systemClock,
      OPTIONS,
      openListeners(),
      pino({ level: 'silent' }),
    );
    const address = await edge.listen(`unix://${directory}/d.sock`);
    const docker = new DockerClient(address.replace('unix://', ''));
    return new DockerOverStore(parts, docker, edge, directory);
  }

  /** Path of the socket for Docker clients. */
  get socket(): string {
    return `${this.directory}/d.sock`;
  }

  /**
   * Drains both edges but keeps the client open, so that a test sees its view. May be called twice.
   */
  async drain(): Promise<void> {
    this.parts.broker.drain();
    await Promise.all([this.edge.close(), this.parts.drain()]);
  }

  async stop(): Promise<void> {
    this.docker.close();
    this.parts.broker.drain();
    await this.edge.close();
    await this.parts.stop();
    rmSync(this.directory, { recursive: true });
  }
}
