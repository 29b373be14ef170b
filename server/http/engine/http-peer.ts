import type { Socket } from 'node:net';
import { scannerOf } from './body-scanner.js';
import { ByteSource } from './byte-source.js';
import type { ReadBuffer } from './read-buffer.js';

/** Time for which bytes from a peer are taken and dropped at its end, in milliseconds. */
const LINGER_MS = 1000;

/** One side of an exchange: a socket, read and written with back-pressure. */
export class HttpPeer {
  readonly source: ByteSource;

  /** @param buffer the memory that the socket is read into; see `ByteSource` */
  constructor(
    readonly socket: Socket,
    buffer?: ReadBuffer,
  ) {
    this.source = new ByteSource(socket, buffer);
  }

  /** Whether the peer has ended its side, or the connection is gone. */
  get isOver(): boolean {
    return this.socket.destroyed || this.socket.readableEnded;
  }

  /** Resolves when the socket has taken the bytes, or is gone; then their memory is free. */
  write(bytes: Buffer): Promise<void> | undefined {
    const { socket } = this;
    if (bytes.length === 0 || !socket.writable) return undefined;
    let done: (() => void) | undefined;
    // Called in the end for every write, also when the socket is destroyed before it is written.
    socket.write(bytes, () => done?.());
    if (socket.writableLength === 0) return undefined;
    return new Promise((resolve) => (done = resolve));
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
  await from.source.passBody(scannerOf({ kind: 'until close' }), (bytes) => to.write(bytes));
  to.end();
}
