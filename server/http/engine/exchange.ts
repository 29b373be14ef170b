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

/**
 * How an exchange has ended: with whether both connections can have another one, or with the
 * connections as a stream of bytes. A call begins the stream, and resolves at its end. It may be
 * idle for days, so nothing of the exchange is to be kept in memory meanwhile.
 */
export type ExchangeEnd = boolean | (() => Promise<void>);

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
   * Resolves when the exchange is complete, or has become a stream.
   *
   * @throws NoResponse if the engine has sent nothing; another error if a message is broken, after
   *   which both connections are to be cut
   */
  async run(): Promise<ExchangeEnd> {
    const { client, engine } = this;
    const cutEngine = (): void => {
      engine.socket.destroy();
    };
    client.socket.on('close', cutEngine);
    try {
      const upload = this.#upload();
      const download = this.#download(upload);
      // The engine may answer before it has the whole request.
      const uploaded = this.#request.isComplete
        ? undefined
        : uploadedOrEnded(upload, engine.socket);
      const end = await (uploaded
        ? Promise.race([download, uploaded.then(() => download)])
        : download);
      if (typeof end !== 'boolean') return end;
      await uploaded;
      return end && this.#request.isComplete && this.head.persists && !client.isOver;
    } finally {
      client.socket.off('close', cutEngine);
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
    if (!isComplete) engine.end();
    // An engine ends its work for a client that has ended its side.
    else
      void source.peek().then((hasMore) => {
        if (!hasMore && !this.#isAnswered) engine.end();
      });
  }

  async #download(upload: Promise<void>): Promise<ExchangeEnd> {
    const { client, engine, rules } = this;
    const head = await this.#finalHead();
    if (this.#isHijacked(head)) {
      await client.write(head.bytes);
      return () => tunnel(client, engine, upload);
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
}

/** Passes on what both sides send, until both have ended. */
async function tunnel(client: HttpPeer, engine: HttpPeer, upload: Promise<void>): Promise<void> {
  if (client.socket.destroyed) engine.socket.destroy();
  client.socket.on('close', () => engine.socket.destroy());
  // After an orderly end, the client may go on sending until it is told that nobody reads.
  engine.socket.on('error', () => client.socket.destroy());
  await Promise.all([upload.then(() => pump(client, engine)), pump(engine, client)]);
}

/** Resolves when a request is passed on, or the engine has ended its side and wants no more. */
async function uploadedOrEnded(upload: Promise<void>, engine: Socket): Promise<void> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  if (engine.destroyed || engine.readableEnded) end();
  engine.on('close', end).on('end', end);
  try {
    await Promise.race([upload, ended]);
  } finally {
    // The connection may carry other requests afterwards.
    engine.off('close', end).off('end', end);
  }
}
