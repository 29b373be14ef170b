import { once } from 'node:events';
import type { Socket } from 'node:net';
import { frame as message, openSocket } from '../../../test/support/raw-http2.js';
import { encodeFrame, FRAME_FLAG, FRAME_TYPE, FrameParser, type Frame } from './frames.js';
import { requestHeaders } from './request-headers.js';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** Raises the initial 65,535 bytes to the maximum, which answers of a few bytes never use up. */
const WINDOW_INCREMENT = 2 ** 31 - 1 - 65_535;

/** A call that waits for its answer. */
interface Call {
  /** Whether the answer had a message; a refusal has none. */
  answered: boolean;
  readonly resolve: () => void;
}

/**
 * Unary gRPC calls of one method over one connection, with a minimum of HTTP/2: a `node:http2`
 * client would take as much processor time per call as the measured server, on the same machine.
 * Requests in flight must stay below 32 KiB in total, because the peer's window is not tracked.
 */
export class UnaryConnection {
  readonly #parser = new FrameParser();
  readonly #calls = new Map<number, Call>();
  readonly #headers: { readonly first: Buffer; readonly next: Buffer };
  #waiting: Buffer[] = [];
  #stream = 1;

  private constructor(
    private readonly socket: Socket,
    path: string,
    metadata: Readonly<Record<string, string>>,
  ) {
    this.#headers = requestHeaders(path, metadata);
    socket.on('data', (bytes: Buffer) => {
      for (const frame of this.#parser.push(bytes)) this.#take(frame);
    });
    const increment = Buffer.alloc(4);
    increment.writeUInt32BE(WINDOW_INCREMENT);
    this.#send(PREFACE);
    this.#sendFrame(FRAME_TYPE.settings, 0, 0, Buffer.alloc(0));
    this.#sendFrame(FRAME_TYPE.windowUpdate, 0, 0, increment);
  }

  static async open(
    address: string,
    path: string,
    metadata: Readonly<Record<string, string>>,
  ): Promise<UnaryConnection> {
    const socket = openSocket(address);
    await once(socket, 'connect');
    return new UnaryConnection(socket, path, metadata);
  }

  /** Encodes a request, to be reused by many calls. */
  static encode(request: Uint8Array): Buffer {
    return message(request);
  }

  /**
   * Resolves when the call is answered. A refusal or any other failure is an uncaught exception.
   *
   * @param request made by `encode`
   */
  call(request: Buffer): Promise<void> {
    const stream = this.#stream;
    this.#stream += 2;
    const headers = stream === 1 ? this.#headers.first : this.#headers.next;
    this.#sendFrame(FRAME_TYPE.headers, FRAME_FLAG.endHeaders, stream, headers);
    this.#sendFrame(FRAME_TYPE.data, FRAME_FLAG.endStream, stream, request);
    return new Promise((resolve) => {
      this.#calls.set(stream, { answered: false, resolve });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #take({ type, flags, stream, payload }: Frame): void {
    if (type === FRAME_TYPE.resetStream || type === FRAME_TYPE.goAway) {
      throw new Error(`the server aborted a call: frame of type ${type}: ${payload.toString()}`);
    }
    const isAck = (flags & FRAME_FLAG.ack) !== 0;
    if (type === FRAME_TYPE.settings && !isAck) {
      this.#sendFrame(FRAME_TYPE.settings, FRAME_FLAG.ack, 0, Buffer.alloc(0));
    }
    if (type === FRAME_TYPE.ping && !isAck)
      this.#sendFrame(FRAME_TYPE.ping, FRAME_FLAG.ack, 0, payload);
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    if (type === FRAME_TYPE.data) call.answered = true;
    if (type === FRAME_TYPE.headers && (flags & FRAME_FLAG.endStream) !== 0)
      this.#end(stream, call);
  }

  #end(stream: number, { answered, resolve }: Call): void {
    if (!answered) throw new Error('the server refused a call');
    this.#calls.delete(stream);
    resolve();
  }

  #sendFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#send(encodeFrame({ type, flags, stream, payload }));
  }

  /** Joins the frames of one iteration of the event loop into one write. */
  #send(bytes: Buffer): void {
    if (this.#waiting.push(bytes) > 1) return;
    setImmediate(() => {
      this.socket.write(Buffer.concat(this.#waiting));
      this.#waiting = [];
    });
  }
}
