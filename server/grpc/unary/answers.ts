import type { StatusObject } from '@grpc/grpc-js';
import { constants, type ServerHttp2Stream } from 'node:http2';

/*
 * No more than containerd sends. What grpc-js adds, a date and which compression it knows, is work for each header and tells
 * clients nothing. Node copies these objects, so all calls share them.
 */
const HEADERS = {
  ':status': constants.HTTP_STATUS_OK,
  'content-type': 'application/grpc+proto',
} as const;
const WITH_MESSAGE = { waitForTrailers: true, sendDate: false } as const;
const WITHOUT_MESSAGE = { endStream: true, sendDate: false } as const;
const TRAILERS = { 'grpc-status': '0' } as const;

/** gRPC's prefix of an empty message, and nothing after it. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Answers with an empty message and status OK. Throws on a stream that is closed. */
export function answerEmpty(stream: ServerHttp2Stream): void {
  stream.respond(HEADERS, WITH_MESSAGE);
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
  stream.respond({ ...status, ...HEADERS }, WITHOUT_MESSAGE);
}
