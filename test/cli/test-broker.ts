import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { connect } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { startServer } from '../../server/server.js';
import type { RunningServer } from '../../server/server.js';

/** A real broker over a store in a directory of its own; it can be stopped and started again. */
export class TestBroker {
  readonly directory = mkdtempSync(join(tmpdir(), 'foghorn-cli-'));
  readonly address = `unix://${join(this.directory, 'foghorn.sock')}`;
  readonly client: Client = connect({ address: this.address });
  #server: RunningServer | undefined;

  async start(): Promise<this> {
    this.#server = await startServer(
      {
        grpc: [this.address],
        http2: 'own',
        ttrpc: [],
        relay: undefined,
        docker: [],
        http: [],
        httpIsOptional: false,
        engine: undefined,
        containerd: undefined,
        dockerNamespace: 'moby',
        dockerApiVersion: '1.51',
        store: `lmdb:${join(this.directory, 'store')}`,
        allowEvictingRedis: false,
        retention: {
          age: undefined,
          bytes: undefined,
          entries: undefined,
          lastingAge: undefined,
          lastingBytes: undefined,
        },
        retainHeld: undefined,
        trustClock: false,
        audit: undefined,
        protoDirs: [],
        access: undefined,
        tls: undefined,
        insecure: false,
        logLevel: 'silent',
        logFormat: 'json',
      },
      pino({ level: 'silent' }),
    );
    return this;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  /** Stops it and removes all that it kept. */
  async remove(): Promise<void> {
    await this.client.close();
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
