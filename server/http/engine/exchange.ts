import type { Socket } from 'node:net';
import { BrokenMessage, scannerOf, type BodyScanner } from './body-scanner.js';
import { valuesOf } from './header-fields.js';
import { parseResponseHead, type RequestHead, type ResponseHead } from './message-head.js';
import { pump, type HttpPeer } from './http-peer.js';
import { passResponseBody } from './response-body.js';
import { rewriteResponse, type Rewrite } from './rewritten-response.js';

/** Longest head of an engine's response, in bytes. */
const MAX_RESPONSE_HEAD_BYTES = 1024 * 1024;

/** Changes to an engine's response on its way to the client. */
export interface ResponseRules {
  /** The request may make its connection a stream of bytes, with or without an upgrade. */
  readonly mayHijack: boolean;
  /** An engine may switch the connection's protocol on request. */
  readonly mayUpgrade: boolean;
  /** Resolves when the response may be passed on. */
  readonly hold?: () => Promise<void>;
  /** The change of a response's body; undefined for a response that passes unchanged. */
  readonly rewrite?: (head: ResponseHead) => Rewrite | undefined;
}

/** The engine ended the connection without an answer, so the request may be answered by others. */
export class NoResponse extends Error {}

/** Passes one request to an engine, and its response back, byte for byte. */
export class Exchange {
  readonly #request: BodyScanner;
  #isAnswered = false;

  constructor(
    private readonly client: HttpPeer,
    private readonly engine: HttpPeer,
    private readonly head: RequestHead,
    private readonly rules: ResponseRules,
  ) {
    this.#request = scannerOf(head.framing);
  }

  /**
   * Resolves when the exchange is complete, with whether both connections can have another one.
   *
   * @throws NoResponse if the engine has sent nothing; another error if a message is broken, after
   *   which both connections are to be cut
   */
  async run(): Promise<boolean> {
    const { client, engine } = this;
    const cutEngine = (): void => {
      engine.socket.destroy();
    };
    client.socket.once('close', cutEngine);
    const watch = new EndWatch(engine.socket);
    try {
      const upload = this.#upload();
      // The engine may answer before it has the whole request.
      const [persists] = await Promise.all([
        this.#download(upload),
        Promise.race([upload, watch.ended]),
      ]);
      return persists && this.#request.isComplete && this.head.persists && !client.isOver;
    } finally {
      client.socket.off('close', cutEngine);
      watch.stop();
    }
  }

  /** Passes the request on, then the end of the client's side if it comes before the response's. */
  async #upload(): Promise<void> {
    const { engine } = this;
    const { source } = this.client;
    // A part of the body that came with the head goes on with it: an engine that hijacks the
    // connection drops that part, and takes for input what comes later.
    await engine.write(Buffer.concat([this.head.bytes, source.takeBody(this.#request)]));
    const isComplete = await source.passBody(this.#request, (bytes) => engine.write(bytes));
    if (isComplete) void this.#watchClient();
    else engine.end();
  }

  /** An engine ends its work for a client that has ended its side. */
  async #watchClient(): Promise<void> {
    if (!(await this.client.source.peek()) && !this.#isAnswered) this.engine.end();
  }

  async #download(upload: Promise<void>): Promise<boolean> {
    const { client, engine, rules } = this;
    const head = await this.#finalHead();
    if (this.#isHijacked(head)) {
      await this.#tunnel(head, upload);
      return false;
    }
    await rules.hold?.();
    const rewrite = rules.rewrite?.(head);
    if (rewrite !== undefined && this.head.method !== 'HEAD') {
      await rewriteResponse(engine, client, head, rewrite);
    } else {
      await client.write(head.bytes);
      await passResponseBody(engine, head.framing, (bytes) => client.write(bytes));
    }
    this.#isAnswered = true;
    // Notices the end of an engine that reads no more of the request, or is restarted later.
    void engine.source.peek();
    return head.persists;
  }

  async #finalHead(): Promise<ResponseHead> {
    const { client, engine } = this;
    for (;;) {
      const bytes = await engine.source.head(MAX_RESPONSE_HEAD_BYTES);
      if (bytes === undefined) throw new NoResponse();
      const head = parseResponseHead(bytes, this.head.method);
      if (head.status >= 200 || head.status === 101) return head;
      await client.write(head.bytes);
    }
  }

  /** Older clients hijack a connection without the words of an upgrade. */
  #isHijacked({ status, framing }: ResponseHead): boolean {
    if (status === 101) {
      if (this.rules.mayUpgrade && valuesOf(this.head.fields, 'upgrade').length > 0) return true;
      throw new BrokenMessage('the engine switched the protocol unasked');
    }
    return this.rules.mayHijack && status === 200 && framing.kind === 'until close';
  }

  async #tunnel(head: ResponseHead, upload: Promise<void>): Promise<void> {
    const { client, engine } = this;
    await client.write(head.bytes);
    const cutClient = (): void => {
      client.socket.destroy();
    };
    // After an orderly end, the client may go on sending until it is told that nobody reads.
    engine.socket.once('error', cutClient);
    await Promise.all([upload.then(() => pump(client, engine)), pump(engine, client)]);
  }
}

/** Waits for the end of a connection that other exchanges may use afterwards. */
class EndWatch {
  /** Resolves when the peer has ended its side, or the connection is gone. */
  readonly ended: Promise<void>;
  #resolve: () => void = () => undefined;

  constructor(private readonly socket: Socket) {
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    if (socket.destroyed || socket.readableEnded) this.#resolve();
    else socket.once('close', this.#resolve).once('end', this.#resolve);
  }

  stop(): void {
    this.socket.off('close', this.#resolve).off('end', this.#resolve);
  }
}
