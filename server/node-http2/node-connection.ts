import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Http2Connection, Http2Options } from '../http2/index.js';

/** A session of `node:http2`, which gets a ping while it is silent. */
export class NodeConnection implements Http2Connection {
  context: unknown;
  openStreams = 0;
  readonly #keepalive: NodeJS.Timeout;
  #unanswered: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: ServerHttp2Session,
    readonly socket: Socket,
    { keepaliveTime, keepaliveTimeout }: Pick<Http2Options, 'keepaliveTime' | 'keepaliveTimeout'>,
  ) {
    session.on('error', () => {});
    socket.on('error', () => {});
    this.#keepalive = setInterval(() => {
      this.#ping(keepaliveTimeout);
    }, keepaliveTime).unref();
    session.once('close', () => {
      clearInterval(this.#keepalive);
      clearTimeout(this.#unanswered);
    });
  }

  #ping(timeout: number): void {
    if (this.#unanswered !== undefined || this.session.destroyed) return;
    this.#unanswered = setTimeout(() => {
      this.destroy();
    }, timeout).unref();
    this.session.ping(() => {
      clearTimeout(this.#unanswered);
      this.#unanswered = undefined;
    });
  }

  drain(): void {
    this.session.close();
  }

  /** Drains; resolves when the connection is closed. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.session.once('close', resolve);
      this.drain();
    });
  }

  destroy(): void {
    this.session.destroy();
    this.socket.destroy();
  }
}
