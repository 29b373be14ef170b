import type { Server, ServerResponse } from 'node:http';
import type { ConnectionAccess } from '../../access/connection-access.js';
import { scannerOf } from './body-scanner.js';
import { LocalStream } from './local-stream.js';
import type { RequestHead } from './message-head.js';
import type { HttpPeer } from './http-peer.js';

/** Answers requests of many clients by Node's HTTP server. */
export class LocalServer {
  readonly #awaited = new WeakMap<object, (response: ServerResponse) => void>();

  constructor(private readonly server: Server) {
    server.on('request', ({ socket }, response) => {
      this.#awaited.get(socket)?.(response);
    });
  }

  /** Gives the server the connection of a client. */
  open(client: HttpPeer, access: ConnectionAccess): LocalStream {
    const stream = new LocalStream(client, access);
    this.server.emit('connection', stream);
    return stream;
  }

  /** Resolves when the next request of a stream is answered, or the stream is gone. */
  nextAnswer(stream: LocalStream): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stream.off('close', done);
        resolve();
      };
      stream.once('close', done);
      this.#awaited.set(stream, (response) => response.once('close', done));
    });
  }
}

/** Has requests of one client answered here, one after the other. */
export class LocalAnswers {
  #stream: LocalStream | undefined;
  #isAnswering = false;

  constructor(
    private readonly client: HttpPeer,
    private readonly access: ConnectionAccess,
    private readonly server: LocalServer,
  ) {}

  /** Resolves when the answer is complete, with whether the connection can have another one. */
  async answer(head: RequestHead): Promise<boolean> {
    const stream = (this.#stream ??= this.server.open(this.client, this.access));
    this.#isAnswering = true;
    const answered = this.server.nextAnswer(stream);
    await Promise.all([this.#feed(stream, head), answered]);
    this.#isAnswering = false;
    return head.persists && !stream.destroyed && !stream.writableEnded;
  }

  async #feed(stream: LocalStream, head: RequestHead): Promise<void> {
    const { source } = this.client;
    const scanner = scannerOf(head.framing);
    await stream.feed(head.bytes);
    const isComplete = await source.passBody(scanner, (bytes) => stream.feed(bytes));
    if (isComplete) void this.#watchClient(stream);
    else stream.endRequests();
  }

  /** A client that ends its side while it is answered has gone. */
  async #watchClient(stream: LocalStream): Promise<void> {
    if (!(await this.client.source.peek()) && this.#isAnswering) stream.endRequests();
  }
}
