import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import { LONGEST_TIMER_MS } from '../../../protocol/clock.js';
import { FoghornError } from '../../../protocol/errors.js';
import { firstHeader } from '../first-value.js';
import { statusOf } from '../status.js';
import { timeLimit } from '../time-limit.js';
import { answerEmpty, answerStatus } from './answers.js';
import { MessageReader } from './message-reader.js';
import type { UnaryMethod } from './unary-method.js';

/** An error closes the stream, too, and there is nobody to tell of it. */
const ignore = (): void => {};

/** One call of a method, on its HTTP/2 stream. Answers as grpc-js does, also to what is wrong, with its texts. */
export class UnaryCall {
  readonly #messages = new MessageReader();
  #request: unknown;
  #answered = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly headers: IncomingHttpHeaders,
    private readonly method: UnaryMethod,
    private readonly log: Logger,
  ) {
    stream.on('error', ignore);
    stream.on('data', (bytes: Buffer) => {
      this.#read(bytes);
    });
    stream.on('end', () => {
      this.#accept();
    });
    const limit = timeLimit(headers);
    if (limit <= LONGEST_TIMER_MS) this.#limit(limit);
  }

  #limit(ms: number): void {
    const timer = setTimeout(() => {
      this.#refuse(new FoghornError('DEADLINE_EXCEEDED', 'Deadline exceeded'));
    }, ms);
    this.stream.once('close', () => {
      clearTimeout(timer);
    });
  }

  #read(bytes: Buffer): void {
    if (this.#isOver()) return;
    try {
      for (const message of this.#messages.push(bytes)) this.#take(message);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #take(message: Buffer): void {
    const request = this.#decode(message);
    if (this.#request !== undefined) throw this.#notOne('a second');
    this.#request = request;
  }

  #decode(message: Buffer): unknown {
    try {
      return this.method.decode(message);
    } catch (cause) {
      throw new FoghornError('INTERNAL', 'Error deserializing request', { cause });
    }
  }

  /** After the last byte of the request. */
  #accept(): void {
    if (this.#isOver()) return;
    if (this.#request === undefined) {
      this.#refuse(this.#notOne('no'));
      return;
    }
    const accepted = this.method.accept(this.#request, (key) => firstHeader(this.headers, key));
    accepted.then(
      () => {
        this.#confirm();
      },
      (error: unknown) => {
        this.#refuse(error);
      },
    );
  }

  #confirm(): void {
    if (this.#isOver()) return;
    this.#answered = true;
    answerEmpty(this.stream);
  }

  #refuse(error: unknown): void {
    // Before all else, since the log must have what nobody foresaw.
    const status = statusOf(error, this.log);
    if (this.#isOver()) return;
    this.#answered = true;
    answerStatus(this.stream, status);
  }

  /** Whether there is an answer, or nobody who waits for one. */
  #isOver(): boolean {
    return this.#answered || this.stream.closed || this.stream.destroyed;
  }

  /** grpc-js says so of unary methods, too. */
  #notOne(number: 'no' | 'a second'): FoghornError {
    return new FoghornError(
      'UNIMPLEMENTED',
      `Received ${number} request message for server streaming method ${this.method.path}`,
    );
  }
}
