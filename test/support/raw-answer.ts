import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';

type Headers = Readonly<Record<string, unknown>>;

/** All that a client sees of an answer, but for its date. */
export interface RawAnswer {
  readonly headers: Headers | undefined;
  readonly body: Buffer;
  readonly trailers: Headers | undefined;
  /** Why the stream was closed, as HTTP/2 has it. */
  readonly resetCode: number | undefined;
}

/** Reads to the end. */
export async function readAnswer(stream: ClientHttp2Stream): Promise<RawAnswer> {
  let headers: Headers | undefined;
  let trailers: Headers | undefined;
  const chunks: Buffer[] = [];
  stream.on('response', (all) => {
    headers = { ...all, date: typeof all.date };
  });
  stream.on('trailers', (all: IncomingHttpHeaders) => (trailers = { ...all }));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'close');
  return { headers, trailers, body: Buffer.concat(chunks), resetCode: stream.rstCode };
}

/** The status and the text in trailers, or in headers that stand for them. */
export function statusIn({ headers, trailers }: RawAnswer): { code: number; details: string } {
  const { 'grpc-status': code, 'grpc-message': details } = trailers ?? headers ?? {};
  return { code: Number(code), details: decodeURI(String(details)) };
}
