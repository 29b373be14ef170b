import { constants, type ServerHttp2Stream } from 'node:http2';
import type {
  CloseReason,
  FixedResponse,
  HeaderBlock,
  Http2Stream,
  RequestHeaders,
  StreamHandler,
} from '../http2/index.js';
import type { NodeConnection } from './node-connection.js';
import { NodeRequestHeaders, outgoing } from './node-headers.js';

const NO_HEADERS = new NodeRequestHeaders([]);

const IGNORE: StreamHandler = { onData() {}, onEnd() {}, onDrain() {}, onClose() {} };

/** A stream of `node:http2`. */
export class NodeStream implements Http2Stream {
  handler = IGNORE;
  headers: RequestHeaders;
  requestEnded = false;
  /** Bytes that the handler has been given, and neither consumed nor kept. */
  #untaken = 0;
  #trailers: HeaderBlock | undefined;
  #hasEnded = false;
  #wasAborted = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    rawHeaders: readonly string[],
    readonly connection: NodeConnection,
  ) {
    this.headers = new NodeRequestHeaders(rawHeaders);
    connection.openStreams += 1;
    stream.on('error', () => {});
    stream.on('data', (bytes: Buffer) => {
      this.#take(bytes);
    });
    stream.on('end', () => {
      this.requestEnded = true;
      this.handler.onEnd(undefined);
    });
    stream.on('drain', () => {
      // Ending a stream within its `drain` may break the connection (nodejs/node#49147).
      queueMicrotask(() => {
        if (!this.closed) this.handler.onDrain();
      });
    });
    stream.on('wantTrailers', () => {
      stream.sendTrailers(this.#trailers === undefined ? {} : outgoing(this.#trailers));
      this.#forgoRequest();
    });
    stream.once('close', () => {
      connection.openStreams -= 1;
      this.handler.onClose(this.#closeReason());
    });
  }

  get id(): number {
    return this.stream.id ?? 0;
  }

  get closed(): boolean {
    return this.stream.closed || this.stream.destroyed;
  }

  get resetCode(): number | undefined {
    return this.stream.rstCode === constants.NGHTTP2_NO_ERROR ? undefined : this.stream.rstCode;
  }

  get unsentBytes(): number {
    return this.stream.writableLength;
  }

  get full(): boolean {
    return this.stream.writableNeedDrain;
  }

  #take(bytes: Buffer): void {
    this.#untaken += bytes.length;
    this.handler.onData(bytes);
    if (this.#untaken > 0) this.stream.pause();
  }

  #closeReason(): CloseReason {
    if (this.connection.socket.destroyed) return 'lost';
    if (this.#wasAborted) return 'aborted';
    return this.#hasEnded && this.resetCode === undefined ? 'complete' : 'reset';
  }

  forgetHeaders(): void {
    this.headers = NO_HEADERS;
  }

  consume(bytes: number): void {
    this.#untaken -= bytes;
    if (this.#untaken === 0 && this.stream.isPaused()) this.stream.resume();
  }

  keep(bytes: number): void {
    this.consume(bytes);
  }

  release(): void {}

  sendHeaders(headers: HeaderBlock, endStream = false): void {
    if (this.closed || this.stream.headersSent) return;
    this.#hasEnded = endStream;
    const options = { endStream, sendDate: false, waitForTrailers: !endStream };
    this.stream.respond(outgoing(headers), options);
    if (endStream) this.#forgoRequest();
  }

  /** The rest of a request that is answered is of no use. */
  #forgoRequest(): void {
    if (this.requestEnded) return;
    setImmediate(() => {
      if (!this.requestEnded) this.stream.close(constants.NGHTTP2_NO_ERROR);
    });
  }

  sendData(bytes: Uint8Array): boolean {
    if (this.closed || this.#hasEnded) return true;
    return this.stream.write(bytes);
  }

  sendTrailers(trailers: HeaderBlock): void {
    this.#trailers = trailers;
    this.end();
  }

  end(): void {
    if (this.closed || this.#hasEnded) return;
    this.#hasEnded = true;
    this.stream.end();
  }

  sendFixed({ headers, data, trailers }: FixedResponse): void {
    this.sendHeaders(headers);
    this.sendData(data);
    this.sendTrailers(trailers);
  }

  reset(code: number = constants.NGHTTP2_CANCEL): void {
    this.#wasAborted = true;
    this.stream.close(code);
  }
}
