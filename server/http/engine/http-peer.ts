import type { Socket } from 'node:net';
import { writable } from '../writable.js';
import { ByteSource } from './byte-source.js';

/** Time for which bytes from a peer are taken and dropped at its end, in milliseconds. */
const LINGER_MS = 1000;

/** One side of an exchange: a socket, read and written with back-pressure. */
export class HttpPeer {
  readonly source: ByteSource;

  constructor(readonly socket: Socket) {
    this.source = new ByteSource(socket);
  }

  /** Whether the peer has ended its side, or the connection is gone. */
  get isOver(): boolean {
    return this.socket.destroyed || this.socket.readableEnded;
  }

  /** Resolves when the socket takes more, or is gone. */
  write(bytes: Buffer): Promise<void> | undefined {
    const { socket } = this;
    if (bytes.length === 0 || !socket.writable || socket.write(bytes)) return undefined;
    return writable(socket);
  }

  /** Ends the writing; the peer may go on sending. */
  end(): void {
    if (this.socket.writable) this.socket.end();
  }

  /**
   * Ends the writing, and closes the connection a moment later. Closed at once, with bytes unread,
   * the peer could lose what was written last.
   */
  close(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    this.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => {
      clearTimeout(timer);
    });
    void this.#drop();
  }

  async #drop(): Promise<void> {
    while ((await this.source.next()) !== undefined);
    this.socket.destroySoon();
  }
}

/** Passes on everything that one peer sends, until it ends; then ends the other. */
export async function pump(from: HttpPeer, to: HttpPeer): Promise<void> {
  for (;;) {
    const bytes = await from.source.next();
    if (bytes === undefined) break;
    await to.write(bytes);
  }
  to.end();
}
