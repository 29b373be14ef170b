import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Http2Server, RequestListener } from './api.js';
import { ServerConnection, type ServerParts } from './connection/connection.js';
import { HTTP1_ANSWER } from './connection/http1-answer.js';
import { HuffmanDecoder } from './hpack/huffman-decoder.js';
import { HeldBytes } from './limits/held-bytes.js';
import { DEFAULT_OPTIONS, type Http2Options } from './options.js';
import { FlushQueue } from './output/flush-queue.js';
import { OutputBuffer } from './output/output-buffer.js';

/** Longest time between two looks at the time limits of connections. */
const MAX_TICK_MS = 1000;

/** Makes a server of HTTP/2; the given options replace defaults. */
export function createHttp2Server(
  listener: RequestListener,
  options: Partial<Http2Options> = {},
): Http2Server {
  return new SocketServer(listener, { ...DEFAULT_OPTIONS, ...options });
}

class SocketServer implements Http2Server {
  readonly connections = new Set<ServerConnection>();
  readonly #clock = { now: performance.now() };
  readonly #parts: ServerParts;
  readonly #tickMs: number;
  #timer: NodeJS.Timeout | undefined;
  #onAllClosed: (() => void)[] = [];

  constructor(listener: RequestListener, options: Http2Options) {
    this.#tickMs = tickInterval(options);
    this.#parts = {
      options,
      listener,
      buffer: new OutputBuffer(),
      flushQueue: new FlushQueue(),
      huffman: new HuffmanDecoder(),
      held: new HeldBytes(options.maxHeldBytesOfServer),
      clock: this.#clock,
    };
  }

  accept(socket: Socket, context?: unknown): void {
    if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
      socket.on('error', () => {});
      socket.end(HTTP1_ANSWER);
      socket.destroySoon();
      return;
    }
    // A flush has all that there is to send, so nothing can be gained by waiting for more.
    socket.setNoDelay(true);
    if (this.#timer === undefined) this.#startTimer();
    const connection = new ServerConnection(socket, this.#parts, () => {
      this.#forget(connection);
    });
    connection.context = context;
    this.connections.add(connection);
  }

  async drain(): Promise<void> {
    for (const connection of this.connections) connection.drain();
    if (this.connections.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onAllClosed.push(resolve);
    });
  }

  destroy(): void {
    for (const connection of this.connections) connection.destroy();
  }

  #startTimer(): void {
    this.#clock.now = performance.now();
    this.#timer = setInterval(() => {
      this.#clock.now = performance.now();
      for (const connection of this.connections) connection.tick(this.#clock.now);
    }, this.#tickMs);
    this.#timer.unref();
  }

  #forget(connection: ServerConnection): void {
    this.connections.delete(connection);
    if (this.connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const resolve of this.#onAllClosed.splice(0)) resolve();
  }
}

/** Short enough for the shortest time limit. */
function tickInterval(options: Http2Options): number {
  const shortest = Math.min(
    options.prefaceTimeout,
    options.frameTimeout,
    options.settingsTimeout,
    options.messageTimeout,
    options.unsentResponseTimeout,
    options.keepaliveTime,
    options.keepaliveTimeout,
  );
  return Math.max(10, Math.min(MAX_TICK_MS, shortest / 4));
}
