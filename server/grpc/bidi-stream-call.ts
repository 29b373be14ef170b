import { FoghornError } from '../../protocol/errors.js';
import type { BidiStreamMethod, RequestHandler, ResponseStream } from '../services/service.js';
import { compressedFrame, decompress } from './encoding.js';
import { sendMessage } from './frames.js';
import { GrpcCall, type CallParts } from './grpc-call.js';
import { MessageReader } from './message-reader.js';
import { STREAM_ERRORS, undecodable } from './one-request-call.js';

/** Streams both ways. Requests that the handler does not take stay with the client. */
export class BidiStreamCall extends GrpcCall<BidiStreamMethod> implements ResponseStream {
  readonly #reader: MessageReader;
  #handler: RequestHandler<unknown> | undefined;
  #isPaused = false;
  /** A request is being decompressed; those behind it wait. */
  #isDecompressing = false;
  #isReading = false;
  #hasEnded = false;
  #onRoom: (() => void)[] = [];

  constructor(...parts: CallParts<BidiStreamMethod>) {
    super(...parts);
    const [stream] = parts;
    this.#reader = new MessageReader(stream);
  }

  override begin(): void {
    super.begin();
    if (this.isOver) return;
    try {
      this.#handler = this.method.open(this, this);
    } catch (error) {
      this.fail(error);
    }
  }

  onData(bytes: Buffer): void {
    if (this.isOver) {
      this.stream.consume(bytes.length);
      return;
    }
    this.#reader.push(bytes);
    this.#read();
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#read();
  }

  /** Hands on the requests that have arrived, until the handler pauses. */
  #read(): void {
    // A handler may pause and resume while it takes a request.
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#mayTake && this.#takeNext());
      if (this.#hasEnded && this.#mayTake) this.#end();
    } catch (error) {
      this.fail(error);
    }
    this.#isReading = false;
  }

  get #mayTake(): boolean {
    return !this.isOver && !this.#isPaused && !this.#isDecompressing;
  }

  /** Returns whether there was a request. */
  #takeNext(): boolean {
    const message = this.#reader.next();
    if (message === undefined) return false;
    if (this.#reader.isCompressed) void this.#decompress(message);
    else this.#take(message);
    return true;
  }

  async #decompress(message: Buffer): Promise<void> {
    this.#isDecompressing = true;
    try {
      const plain = await decompress(message, this.head.encoding);
      this.#isDecompressing = false;
      if (this.isOver) return;
      this.#take(plain);
      this.#read();
    } catch (error) {
      this.fail(error);
    }
  }

  #take(message: Buffer): void {
    let request: unknown;
    try {
      request = this.method.decode(message);
    } catch (error) {
      throw undecodable(error, STREAM_ERRORS);
    }
    this.#handler?.take(request);
  }

  #end(): void {
    this.#hasEnded = false;
    if (this.#reader.isWithinMessage) throw new FoghornError('INTERNAL', 'unexpected EOF');
    this.#handler?.end();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#read();
  }

  async send(response: Uint8Array): Promise<void> {
    const { answerEncoding } = this.head;
    const frame =
      answerEncoding === undefined ? undefined : await compressedFrame(response, answerEncoding);
    if (this.isOver) return;
    this.sendHeaders();
    if (frame === undefined) sendMessage(this.stream, response);
    else this.stream.sendData(frame);
    if (this.stream.full) await new Promise<void>((resolve) => this.#onRoom.push(resolve));
  }

  end(): void {
    this.succeed();
  }

  override onDrain(): void {
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }

  protected override finished(): void {
    this.#reader.discard();
    this.onDrain();
  }
}
