import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';

type Headers = Readonly<Record<string, unknown>>;

/** Parts of an answer that matter to a client. */
export interface RawAnswer {
  readonly headers: Headers | undefined;
  readonly body: Buffer;
  readonly trailers: Headers | undefined;
  /** HTTP/2 error code with which the stream was closed. */
  readonly resetCode: number | undefined;
}

/** Reads an answer to its end. */
export async function readAnswer(stream: ClientHttp2Stream): Promise<RawAnswer> {
  let headers: Headers | undefined;
  let trailers: Headers | undefined;
  const chunks: Buffer[] = [];
  stream.on('response', (all) => (headers = telling(all)));
  stream.on('trailers', (all: IncomingHttpHeaders) => (trailers = telling(all)));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'close');
  return { headers, trailers, body: Buffer.concat(chunks), resetCode: stream.rstCode };
}

/** Headers that grpc-js adds and clients ignore. */
const SAYS_NOTHING: Headers = {
  'grpc-encoding': 'identity',
  'grpc-accept-encoding': 'identity,deflate,gzip',
  'grpc-message': 'OK',
};

function telling(headers: IncomingHttpHeaders): Headers {
  const all = Object.entries(headers);
  return Object.fromEntries(
    all.filter(([name, value]) => name !== 'date' && value !== SAYS_NOTHING[name]),
  );
}

/** Returns the status and message in trailers, or in headers of an answer without a body. */
export function statusIn({ headers, trailers }: RawAnswer): { code: number; details: string } {
  const { 'grpc-status': code, 'grpc-message': details = '' } = trailers ?? headers ?? {};
  return { code: Number(code), details: decodeURI(String(details)) };
}
