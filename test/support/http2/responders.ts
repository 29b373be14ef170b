import {
  FixedResponse,
  HeaderBlock,
  type CloseReason,
  type Http2Stream,
} from '../../../server/http2/index.js';
import { handle } from './running-server.js';

export const OK = new HeaderBlock(
  [
    [':status', '200'],
    ['content-type', 'application/grpc'],
  ],
  true,
);
export const TRAILERS = new HeaderBlock([['grpc-status', '0']], true);
export const EMPTY_ANSWER = new FixedResponse(OK, Buffer.alloc(5), TRAILERS);

/** Answers with the body of the request, when that is complete. */
export function echo(stream: Http2Stream): void {
  const body: Buffer[] = [];
  handle(stream, {
    onData: (bytes) => {
      body.push(bytes);
      stream.consume(bytes.length);
    },
    onEnd: () => {
      stream.sendHeaders(OK);
      stream.sendData(Buffer.concat(body));
      stream.sendTrailers(TRAILERS);
    },
  });
}

/** Answers each request with the same bytes. */
export function answerEmpty(stream: Http2Stream): void {
  handle(stream, {
    onEnd: () => {
      stream.sendFixed(EMPTY_ANSWER);
    },
  });
}

/** Takes requests and answers none; keeps why they ended. */
export class Silent {
  readonly streams: Http2Stream[] = [];
  readonly closed: (readonly [id: number, reason: CloseReason])[] = [];

  readonly listener = (stream: Http2Stream): void => {
    this.streams.push(stream);
    handle(stream, {
      onClose: (reason) => {
        this.closed.push([stream.id, reason]);
      },
    });
  };
}
