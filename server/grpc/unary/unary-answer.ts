import type { StatusObject } from '@grpc/grpc-js';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import type { UnaryMethod } from '../../services/service.js';
import { PREFIX_BYTES } from '../frame-writer.js';
import { statusOf } from '../status.js';

/** The answer to one call of a method, on its HTTP/2 stream. Only the first one is sent. */
export class UnaryAnswer {
  #isSent = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly method: UnaryMethod,
    private readonly log: Logger,
  ) {}

  /** Whether the call is answered or its caller gone. */
  get isOver(): boolean {
    return this.#isSent || this.stream.closed || this.stream.destroyed;
  }

  /** Sends the response once it is there, or the status of the error. */
  sendWhenReady(response: Promise<unknown>): void {
    response.then(
      (ready) => {
        this.#send(ready);
      },
      (error: unknown) => {
        this.refuse(error);
      },
    );
  }

  #send(response: unknown): void {
    if (this.isOver) return;
    this.#isSent = true;
    answerMessage(this.stream, this.method.encode(response));
  }

  /** Sends the status of an error. */
  refuse(error: unknown): void {
    // Made even when the call is over, because it logs internal errors.
    const status = statusOf(error, this.log);
    if (this.isOver) return;
    this.#isSent = true;
    answerStatus(this.stream, status);
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
