import { Duplex } from 'node:stream';
import type { ConnectionAccess } from '../../access/connection-access.js';
import type { HttpPeer } from './http-peer.js';

/**
 * A client's connection as Node's HTTP server sees it: only the requests that Foghorn answers come
 * in, and what is written goes to the client.
 */
export class LocalStream extends Duplex {
  #wanted: () => void = () => undefined;

  constructor(
    private readonly client: HttpPeer,
    readonly access: ConnectionAccess,
  ) {
    // Node decides by the end of a request whether to end the answer.
    super({ allowHalfOpen: true });
    client.socket.once('close', () => this.destroy());
  }

  /** Gives the server bytes of a request; resolves when it takes more. */
  async feed(bytes: Buffer): Promise<void> {
    // The server may keep them for longer than they are valid.
    if (bytes.length === 0 || this.destroyed || this.push(Buffer.from(bytes))) return;
    await new Promise<void>((resolve) => (this.#wanted = resolve));
  }

  /** The client has ended its side. */
  endRequests(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#wanted();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.client.socket.write(bytes, done);
  }

  override _writev(parts: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.client.socket.write(Buffer.concat(parts.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.client.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wanted();
    this.client.close();
    done(error);
  }
}
