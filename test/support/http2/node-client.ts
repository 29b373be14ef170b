import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
  readonly resetCode: number;
}

/** Connects node:http2 to a unix socket. */
export function connectNode(path: string): ClientHttp2Session {
  const session = connect('http://localhost', { createConnection: () => connectSocket(path) });
  session.on('error', () => {});
  return session;
}

/** Sends a request with a body and resolves with its answer, whatever that is. */
export async function request(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: Uint8Array = new Uint8Array(),
  trailers?: OutgoingHttpHeaders,
): Promise<Answer> {
  const stream = session.request(
    { ':method': 'POST', ':path': '/', ...headers },
    { waitForTrailers: trailers !== undefined },
  );
  if (trailers !== undefined) {
    stream.on('wantTrailers', () => {
      stream.sendTrailers(trailers);
    });
  }
  let answer: IncomingHttpHeaders = {};
  let ending: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  stream.on('response', (fields) => {
    answer = fields;
  });
  stream.on('trailers', (fields: IncomingHttpHeaders) => {
    ending = fields;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  stream.end(body);
  await once(stream, 'close');
  return {
    status: Number(answer[':status']),
    headers: answer,
    body: Buffer.concat(chunks),
    trailers: ending,
    resetCode: stream.rstCode,
  };
}
