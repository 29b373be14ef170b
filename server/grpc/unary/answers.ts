import type { StatusObject } from '@grpc/grpc-js';
import { constants, type ServerHttp2Stream } from 'node:http2';

/*
 * What grpc-js sends, header by header. Node copies these objects, so all calls can share them.
 */
const HEADERS = {
  ':status': constants.HTTP_STATUS_OK,
  'content-type': 'application/grpc+proto',
} as const;
const HEADERS_BEFORE_MESSAGE = {
  ...HEADERS,
  'grpc-accept-encoding': 'identity,deflate,gzip',
  'grpc-encoding': 'identity',
} as const;
const TRAILERS = { 'grpc-status': '0', 'grpc-message': 'OK' } as const;
const WAIT_FOR_TRAILERS = { waitForTrailers: true } as const;
const END_STREAM = { endStream: true } as const;

/** gRPC's prefix of an empty message, and nothing after it. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Answers with an empty message and status OK. Throws on a stream that is closed. */
export function answerEmpty(stream: ServerHttp2Stream): void {
  stream.respond(HEADERS_BEFORE_MESSAGE, WAIT_FOR_TRAILERS);
  stream.on('wantTrailers', () => {
    stream.sendTrailers(TRAILERS);
  });
  stream.end(EMPTY_MESSAGE);
}

/** Answers with a status and no message. Throws on a stream that is closed. */
export function answerStatus(
  stream: ServerHttp2Stream,
  { code, details }: Pick<StatusObject, 'code' | 'details'>,
): void {
  const status = { 'grpc-status': code, 'grpc-message': encodeURI(details) };
  stream.respond({ ...status, ...HEADERS }, END_STREAM);
}
