import type { StatusObject } from '@grpc/grpc-js';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import { LONGEST_TIMER_MS } from '../../../protocol/clock.js';
import { FoghornError } from '../../../protocol/errors.js';
import type { Call, UnaryMethod } from '../../services/service.js';
import { firstHeader } from '../metadata.js';
import { statusOf } from '../status.js';
import { timeLimit } from '../time-limit.js';
import { MessageReader } from './message-reader.js';

/** An error also closes the stream, which ends the call. */
const ignore = (): void => {};

/**
 * One call of a method, on its HTTP/2 stream. Answers invalid requests as grpc-js does, with its
 * texts.
 */
export class UnaryCall implements Call {
  readonly #messages = new MessageReader();
  #request: unknown;
  #answered = false;
  #over: AbortController | undefined;

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
      this.#handle();
    });
    const limit = timeLimit(headers);
    if (limit <= LONGEST_TIMER_MS) this.#limit(limit);
  }

  metadata(key: string): string | undefined {
    return firstHeader(this.headers, key);
  }

  get signal(): AbortSignal {
    this.#over ??= this.#watch();
    return this.#over.signal;
  }

  #watch(): AbortController {
    const over = new AbortController();
    if (this.stream.closed) over.abort();
    this.stream.once('close', () => {
      over.abort();
    });
    return over;
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
    if (this.#request !== undefined) throw this.#wrongCount('a second');
    this.#request = request;
  }

  #decode(message: Buffer): unknown {
    try {
      return this.method.decode(message);
    } catch (cause) {
      throw new FoghornError('INTERNAL', 'Error deserializing request', { cause });
    }
  }

  /** Called after the last byte of the request. */
  #handle(): void {
    if (this.#isOver()) return;
    if (this.#request === undefined) {
      this.#refuse(this.#wrongCount('no'));
      return;
    }
    this.method.handle(this.#request, this).then(
      (response) => {
        this.#answer(response);
      },
      (error: unknown) => {
        this.#refuse(error);
      },
    );
  }

  #answer(response: unknown): void {
    if (this.#isOver()) return;
    this.#answered = true;
    answerMessage(this.stream, this.method.encode(response));
  }

  #refuse(error: unknown): void {
    // Made even when the call is over, because it logs internal errors.
    const status = statusOf(error, this.log);
    if (this.#isOver()) return;
    this.#answered = true;
    answerStatus(this.stream, status);
  }

  /** Whether the call is answered or its caller gone. */
  #isOver(): boolean {
    return this.#answered || this.stream.closed || this.stream.destroyed;
  }

  /** grpc-js says "server streaming" for unary methods, too. */
  #wrongCount(number: 'no' | 'a second'): FoghornError {
    return new FoghornError(
      'UNIMPLEMENTED',
      `Received ${number} request message for server streaming method ${this.method.path}`,
    );
  }
}

/*
 * No headers but those that containerd sends. grpc-js adds a date and the compression that it
 * knows, which cost time and are of no use to clients. Node copies these objects, so all calls
 * share them.
 */
const HEADERS = {
  ':status': constants.HTTP_STATUS_OK,
  'content-type': 'application/grpc+proto',
} as const;
const WITH_MESSAGE = { waitForTrailers: true, sendDate: false } as const;
const WITHOUT_MESSAGE = { endStream: true, sendDate: false } as const;
const TRAILERS = { 'grpc-status': '0' } as const;

/** Compression flag (none) and length, before every gRPC message. */
const PREFIX_BYTES = 5;
/** The frame of an empty message. */
const EMPTY_FRAME = Buffer.alloc(PREFIX_BYTES);

/** Answers with a message and status OK. Throws on a closed stream. */
function answerMessage(stream: ServerHttp2Stream, message: Uint8Array): void {
  stream.respond(HEADERS, WITH_MESSAGE);
  stream.on('wantTrailers', () => {
    stream.sendTrailers(TRAILERS);
  });
  stream.end(message.length === 0 ? EMPTY_FRAME : frameOf(message));
}

function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** Answers with a status and no message. Throws on a closed stream. */
function answerStatus(
  stream: ServerHttp2Stream,
  { code, details }: Pick<StatusObject, 'code' | 'details'>,
): void {
  const status = { 'grpc-status': code, 'grpc-message': encodeURI(details) };
  stream.respond({ ...status, ...HEADERS }, WITHOUT_MESSAGE);
}
