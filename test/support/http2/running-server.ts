import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createHttp2Server,
  type Http2Options,
  type Http2Server,
  type Http2Stream,
  type RequestListener,
} from '../../../server/http2/index.js';

/** An HTTP/2 server on a unix socket, for as long as a test needs it. */
export class RunningServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'http2-'));
  readonly #net: Server;
  readonly path = join(this.#directory, 'socket');
  readonly http2: Http2Server;
  /** Sockets of connected clients, as the server has them, the oldest first. */
  readonly sockets = new Set<Socket>();

  private constructor(listener: RequestListener, options: Partial<Http2Options>) {
    this.http2 = createHttp2Server(listener, options);
    this.#net = createServer((socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      this.http2.accept(socket);
    });
  }

  static async start(
    listener: RequestListener,
    options: Partial<Http2Options> = {},
  ): Promise<RunningServer> {
    const server = new RunningServer(listener, options);
    // Tests connect faster than a process accepts that is also their own.
    const address = { path: server.path, backlog: 4096 };
    await new Promise<void>((resolve) => server.#net.listen(address, resolve));
    return server;
  }

  async stop(): Promise<void> {
    this.http2.destroy();
    await new Promise((resolve) => this.#net.close(resolve));
    rmSync(this.#directory, { recursive: true });
  }
}

/** Calls the parts of a handler that a test gives, and consumes the body otherwise. */
export function handle(stream: Http2Stream, handler: Partial<Http2Stream['handler']> = {}): void {
  stream.handler = {
    onData: (bytes) => {
      stream.consume(bytes.length);
    },
    onEnd: () => {},
    onDrain: () => {},
    onClose: () => {},
    ...handler,
  };
}
