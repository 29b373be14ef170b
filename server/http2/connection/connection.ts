import type { Socket } from 'node:net';
import type { Http2Connection, RequestListener } from '../api.js';
import { ConnectionError } from '../connection-error.js';
import { ERROR_CODE } from '../error-code.js';
import { ReceiveFlow } from '../flow/receive-flow.js';
import { HpackDecoder } from '../hpack/decoder.js';
import type { HuffmanDecoder } from '../hpack/huffman-decoder.js';
import { ClientConduct } from '../limits/client-conduct.js';
import type { TickClock } from '../limits/clock.js';
import { HeldBytes } from '../limits/held-bytes.js';
import { Keepalive } from '../limits/keepalive.js';
import { TimeLimits } from '../limits/time-limits.js';
import type { Http2Options } from '../options.js';
import { ConnectionOutput } from '../output/connection-output.js';
import type { FlushQueue } from '../output/flush-queue.js';
import type { OutputBuffer } from '../output/output-buffer.js';
import { Streams } from '../stream/streams.js';
import { Drain } from './drain.js';
import { FrameDispatcher } from './frame-dispatcher.js';
import { FrameReader } from './frame-reader.js';
import { HeaderBlockReader } from './header-block-reader.js';
import { HTTP1_ANSWER } from './http1-answer.js';
import { PrefaceError, PrefaceReader } from './preface-reader.js';
import { RequestReceiver } from './request-receiver.js';
import { Settings } from './settings.js';

/** Parts of a server that its connections share. */
export interface ServerParts {
  readonly options: Http2Options;
  readonly listener: RequestListener;
  readonly buffer: OutputBuffer;
  readonly flushQueue: FlushQueue;
  readonly huffman: HuffmanDecoder;
  readonly held: HeldBytes;
  readonly clock: TickClock;
}

/**
 * Bytes of one connection after which others have their turn. libuv would read up to 2 MiB of a
 * connection that always has more, which can be thousands of calls.
 */
const READ_SHARE_BYTES = 64 * 1024;

/** Time that a client has to read the last frames. Closing sooner could lose them. */
const LINGER_MS = 250;
const KEEPALIVE_PAYLOAD = Buffer.from('keepaliv', 'latin1');

/** The server's side of one connection: joins its parts to the socket. */
export class ServerConnection implements Http2Connection {
  context: unknown = undefined;

  readonly #held: HeldBytes;
  readonly #output: ConnectionOutput;
  readonly #streams: Streams;
  readonly #settings: Settings;
  readonly #flow: ReceiveFlow;
  readonly #blocks: HeaderBlockReader;
  readonly #requests: RequestReceiver;
  readonly #reader: FrameReader;
  readonly #drain: Drain;
  readonly #keepalive: Keepalive;
  readonly #timeLimits: TimeLimits;
  /** Undefined once the client's preface is complete. */
  #preface: PrefaceReader | undefined = new PrefaceReader();
  /** Since the others had their turn. */
  #bytesRead = 0;
  /** The socket is about to be closed; what comes is dropped. */
  #isClosing = false;

  constructor(
    readonly socket: Socket,
    private readonly shared: ServerParts,
    private readonly onClosed: (connection: ServerConnection) => void,
  ) {
    const { options, clock, huffman } = shared;
    const conduct = new ClientConduct(options);
    this.#held = new HeldBytes(options.maxHeldBytes, shared.held);
    const senderLimits = { conduct, clock, highWaterMark: options.streamHighWaterMark };
    const output = new ConnectionOutput(
      socket,
      shared.buffer,
      shared.flushQueue,
      senderLimits,
      {
        onResponseWritten: (stream) => {
          this.#streams.complete(stream);
        },
        onUnsendable: (stream) => {
          this.#streams.reset(stream, ERROR_CODE.INTERNAL_ERROR);
        },
      },
      () => {
        this.#closeIfDrained();
      },
    );
    const { control, sender } = output;
    this.#output = output;
    this.#flow = new ReceiveFlow(options, control);
    this.#streams = new Streams(this, options, clock, {
      control,
      sender,
      flow: this.#flow,
      held: this.#held,
      conduct,
    });
    this.#settings = new Settings(control, sender, this.#streams);
    this.#drain = new Drain(control, () => {
      this.#excludeNewStreams();
    });
    this.#blocks = new HeaderBlockReader(options, this.#held);
    this.#requests = new RequestReceiver(
      this.#streams,
      new HpackDecoder(options, huffman),
      this.#flow,
      conduct,
      options.maxConcurrentStreams,
      shared.listener,
    );
    this.#reader = new FrameReader(
      new FrameDispatcher({
        settings: this.#settings,
        blocks: this.#blocks,
        requests: this.#requests,
        streams: this.#streams,
        sender,
        control,
        conduct,
        drain: this.#drain,
      }),
    );
    this.#keepalive = new Keepalive(options, clock.now);
    this.#timeLimits = new TimeLimits(options, this.#settings, this.#streams, sender, clock.now);
    this.#listen();
  }

  get openStreams(): number {
    return this.#streams.open.size;
  }

  drain(): void {
    if (this.#isClosing) return;
    // A client that has not begun to speak has no requests on their way.
    if (this.#preface === undefined) this.#drain.announce();
    else this.#close();
  }

  destroy(): void {
    this.socket.destroy();
    this.#end();
  }

  /** Called about once a second. */
  tick(now: number): void {
    if (this.#isClosing) return;
    try {
      this.#timeLimits.tick(now, this.#reader.isWithinFrame || this.#blocks.isWithinBlock);
    } catch (error) {
      this.#onError(error);
      return;
    }
    this.#drain.tick(now);
    const action = this.#keepalive.tick(now);
    if (action === 'destroy') this.destroy();
    else if (action === 'ping') this.#output.control.ping(KEEPALIVE_PAYLOAD);
  }

  #listen(): void {
    const { socket } = this;
    const readOn = (): void => {
      this.#output.readOn();
    };
    socket.on('data', (bytes: Buffer) => {
      this.#onRead(bytes);
      this.#bytesRead += bytes.length;
      if (this.#bytesRead < READ_SHARE_BYTES) return;
      this.#bytesRead = 0;
      socket.pause();
      setImmediate(readOn);
    });
    // The close that follows says everything.
    socket.on('error', () => {});
    // A client that has gone looks the same as one that only ends its side, as no gRPC client does.
    socket.on('end', () => {
      this.#close();
    });
    socket.on('close', () => {
      this.#end();
      this.onClosed(this);
    });
  }

  #onRead(bytes: Buffer): void {
    if (this.#isClosing) return;
    this.#keepalive.heard = true;
    try {
      const frames = this.#preface === undefined ? bytes : this.#readPreface(this.#preface, bytes);
      if (frames !== undefined) this.#reader.read(frames);
    } catch (error) {
      this.#onError(error);
      return;
    }
    this.#output.limitAnswers();
  }

  /** The server's own preface follows the client's, so that HTTP/1 can be answered as such. */
  #readPreface(preface: PrefaceReader, bytes: Buffer): Buffer | undefined {
    const rest = preface.read(bytes);
    if (rest === undefined) return undefined;
    this.#preface = undefined;
    this.#settings.send(this.shared.options);
    this.#flow.open();
    return rest;
  }

  #onError(error: unknown): void {
    if (error instanceof PrefaceError) {
      if (error.looksLikeHttp1) this.socket.write(HTTP1_ANSWER);
    } else if (!(error instanceof ConnectionError)) {
      throw error;
    } else if (this.#preface === undefined) {
      this.#output.control.goAway(this.#streams.lastId, error.code, error.message);
    }
    this.#close();
  }

  /** The second step of a drain. */
  #excludeNewStreams(): void {
    const { lastId } = this.#streams;
    this.#requests.lastAccepted = lastId;
    this.#output.control.goAway(lastId, ERROR_CODE.NO_ERROR, '');
  }

  #closeIfDrained(): void {
    if (this.#isClosing || !this.#drain.isFinal) return;
    if (this.openStreams === 0 && this.#output.unsentAnswers === 0) this.#close();
  }

  /**
   * Sends what there is, and closes the file descriptor when the client has had time to read it.
   */
  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#output.flush();
    this.#end();
    this.socket.end();
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  /** Nothing is received or sent from now on. */
  #end(): void {
    this.#isClosing = true;
    this.#reader.isStopped = true;
    this.#streams.closeAll();
    this.#held.clear();
  }
}
