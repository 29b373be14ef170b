import { once } from 'node:events';
import type { Socket } from 'node:net';
import { frame as message, openSocket } from '../../../test/support/raw-http2.js';
import { encodeFrame, FLAG, FRAME, FrameParser, type Frame } from './frames.js';
import { requestHeaders } from './request-headers.js';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** On top of the 65,535 that a connection begins with: answers of a few bytes each never use that up. */
const WINDOW = 2 ** 31 - 1 - 65_535;

/** One that waits for its answer. */
interface Call {
  /** Whether there was a message in the answer; whoever refuses a call sends none. */
  answered: boolean;
  readonly resolve: () => void;
}

/**
 * Unary gRPC calls of one method over one connection, with next to nothing of HTTP/2: a client of `node:http2` takes as much time for
 * a call as the server that is to be measured, on a machine that they share. What waits for its answer, all in all, must be less
 * than 32 KiB, half of the window of which no use is made here.
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
    increment.writeUInt32BE(WINDOW);
    this.#send(PREFACE);
    this.#sendFrame(FRAME.settings, 0, 0, Buffer.alloc(0));
    this.#sendFrame(FRAME.windowUpdate, 0, 0, increment);
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

  /** The bytes of a request, to be made once. */
  static encode(request: Uint8Array): Buffer {
    return message(request);
  }

  /**
   * Resolves when it is answered. A refusal, and whatever else goes wrong, is an uncaught exception.
   *
   * @param request see `encode`
   */
  call(request: Buffer): Promise<void> {
    const stream = this.#stream;
    this.#stream += 2;
    const headers = stream === 1 ? this.#headers.first : this.#headers.next;
    this.#sendFrame(FRAME.headers, FLAG.endHeaders, stream, headers);
    this.#sendFrame(FRAME.data, FLAG.endStream, stream, request);
    return new Promise((resolve) => {
      this.#calls.set(stream, { answered: false, resolve });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #take({ type, flags, stream, payload }: Frame): void {
    if (type === FRAME.resetStream || type === FRAME.goAway) {
      throw new Error(`the server gave up a call: frame of type ${type}: ${payload.toString()}`);
    }
    const isAck = (flags & FLAG.ack) !== 0;
    if (type === FRAME.settings && !isAck) {
      this.#sendFrame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0));
    }
    if (type === FRAME.ping && !isAck) this.#sendFrame(FRAME.ping, FLAG.ack, 0, payload);
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    if (type === FRAME.data) call.answered = true;
    if (type === FRAME.headers && (flags & FLAG.endStream) !== 0) this.#end(stream, call);
  }

  #end(stream: number, { answered, resolve }: Call): void {
    if (!answered) throw new Error('the server refused a call');
    this.#calls.delete(stream);
    resolve();
  }

  #sendFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#send(encodeFrame({ type, flags, stream, payload }));
  }

  /** All of one turn of the event loop in one write. */
  #send(bytes: Buffer): void {
    if (this.#waiting.push(bytes) > 1) return;
    setImmediate(() => {
      this.socket.write(Buffer.concat(this.#waiting));
      this.#waiting = [];
    });
  }
}
