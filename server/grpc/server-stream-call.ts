import { ERROR_CODE } from '../http2/index.js';
import type { MessageSource, ServerStreamMethod } from '../services/service.js';
import { compressedFrame, type Encoding } from './encoding.js';
import { OneRequestCall, STREAM_ERRORS } from './one-request-call.js';

/**
 * One request, a stream of responses. Waits without promises: an idle stream holds little memory,
 * and a delivery costs no more than its write.
 */
export class ServerStreamCall extends OneRequestCall<ServerStreamMethod> {
  protected override readonly errors = STREAM_ERRORS;
  #source: MessageSource<unknown> | undefined;
  /** Messages are being compressed; those behind them wait. */
  #isCompressing = false;

  protected override handle(request: unknown): void {
    this.method.open(request, this).then(
      (source) => {
        this.#open(source);
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  #open(source: MessageSource<unknown>): void {
    if (this.isOver) {
      source.close();
      return;
    }
    this.#source = source;
    this.sendHeaders();
    this.stream.forgetHeaders();
    source.onReady = () => {
      this.#carry(source);
    };
    source.onEvicted = () => {
      this.stream.reset(ERROR_CODE.ENHANCE_YOUR_CALM);
    };
    this.#carry(source);
  }

  override onDrain(): void {
    if (this.#source !== undefined) this.#carry(this.#source);
  }

  /** Sends as many messages as there are and as there is room for. */
  #carry(source: MessageSource<unknown>): void {
    try {
      while (!this.isOver && !this.stream.full && !this.#isCompressing) {
        const message = source.take();
        if (message === undefined) break;
        this.#send(this.method.encode(message));
      }
      if (source.closed && !this.#isCompressing) this.succeed();
    } catch (error) {
      this.fail(error);
    }
  }

  #send(messages: readonly Uint8Array[]): void {
    if (this.head.answerEncoding === undefined) this.context.frames.send(this.stream, messages);
    else {
      this.#sendCompressed(messages, this.head.answerEncoding).catch((error: unknown) => {
        this.fail(error);
      });
    }
  }

  async #sendCompressed(messages: readonly Uint8Array[], encoding: Encoding): Promise<void> {
    this.#isCompressing = true;
    const frames = await Promise.all(messages.map((one) => compressedFrame(one, encoding)));
    this.#isCompressing = false;
    for (const frame of frames) this.stream.sendData(frame);
    this.onDrain();
  }

  protected override finished(): void {
    this.#source?.close();
  }
}
