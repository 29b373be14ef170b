import type { UnaryMethod } from '../services/service.js';
import { compressedFrame } from './encoding.js';
import { frameOf, sendMessage } from './frames.js';
import { OneRequestCall, UNARY_ERRORS } from './one-request-call.js';
import { OK } from './status.js';

/** One request, one response. */
export class UnaryCall extends OneRequestCall<UnaryMethod> {
  protected override readonly errors = UNARY_ERRORS;

  protected override handle(request: unknown): void {
    this.method.handle(request, this).then(
      (response) => {
        this.#answer(response);
      },
      (error: unknown) => {
        const { visibleError } = this.method;
        this.fail(visibleError === undefined ? error : visibleError(error));
      },
    );
  }

  #answer(response: unknown): void {
    if (this.isOver) return;
    try {
      const message = this.method.encode(response);
      if (this.isPlain) this.#sendPlain(message);
      else {
        this.#send(message).catch((error: unknown) => {
          this.fail(error);
        });
      }
    } catch (error) {
      this.fail(error);
    }
  }

  #sendPlain(message: Uint8Array): void {
    if (message.length === 0) {
      this.finish(OK);
      this.stream.sendFixed(this.head.answer.empty);
      return;
    }
    this.sendHeaders();
    sendMessage(this.stream, message);
    this.succeed();
  }

  /** Answers with metadata, or compressed. */
  async #send(message: Uint8Array): Promise<void> {
    const { answerEncoding } = this.head;
    const frame =
      answerEncoding === undefined
        ? frameOf(message)
        : await compressedFrame(message, answerEncoding);
    if (this.isOver) return;
    this.sendHeaders();
    this.stream.sendData(frame);
    this.succeed();
  }
}
