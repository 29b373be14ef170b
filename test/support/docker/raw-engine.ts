import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineAddress } from '../../../protocol/engine-address.js';
import { RawConnection } from './raw-connection.js';

const VERSION = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' };

/** An engine of which a test writes and reads every byte itself. */
export class RawEngine {
  readonly #directory = mkdtempSync(join(tmpdir(), 'foghorn-engine-'));
  readonly #accepted: RawConnection[] = [];
  readonly #all = new Set<RawConnection>();
  #server: Server | undefined;
  #onAccepted = (): void => {};

  /** Its address, also before it is started. */
  get address(): EngineAddress {
    const socketPath = join(this.#directory, 'engine.sock');
    return { text: `unix://${socketPath}`, target: { socketPath } };
  }

  async start(): Promise<void> {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new RawConnection(socket);
      this.#all.add(connection);
      void this.#take(connection);
    });
    this.#server.listen(this.address.text.replace('unix://', ''));
    await once(this.#server, 'listening');
  }

  /** Resolves with the next connection that was made to it. */
  async connection(): Promise<RawConnection> {
    for (;;) {
      const next = this.#accepted.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => (this.#onAccepted = resolve));
    }
  }

  /** How many connections nobody has asked for yet. */
  get waitingConnections(): number {
    return this.#accepted.length;
  }

  /** Foghorn asks for the version by itself, on connections of its own. */
  async #take(connection: RawConnection): Promise<void> {
    const line = await connection.firstLine().catch(() => '');
    if (line === 'GET /version HTTP/1.1') {
      const body = JSON.stringify(VERSION);
      const head = ['HTTP/1.1 200 OK', `Content-Length: ${body.length}`, 'Connection: close'];
      connection.send(`${head.join('\r\n')}\r\n\r\n${body}`);
      return;
    }
    this.#accepted.push(connection);
    this.#onAccepted();
  }

  /** Cuts all connections and stops listening. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    for (const connection of this.#all) connection.kill();
    await once(server, 'close');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
