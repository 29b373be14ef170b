import { BrokenMessage } from './body-scanner.js';
import type { HttpField } from './header-fields.js';
import type { ResponseHead } from './message-head.js';
import type { HttpPeer } from './http-peer.js';
import { passResponseBody } from './response-body.js';

/** Makes another body from a response's body. */
export type Rewrite = (body: Buffer) => Promise<Buffer> | Buffer;

/** Longest body that is changed, in bytes. A container's description has a few KiB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Reads a response's body whole, and passes on what `rewrite` makes of it. */
export async function rewriteResponse(
  engine: HttpPeer,
  client: HttpPeer,
  head: ResponseHead,
  rewrite: Rewrite,
): Promise<void> {
  const body = await rewrite(await readBody(engine, head));
  await client.write(Buffer.concat([headFor(head, body.length), body]));
}

/** The head of a response with a body of another length. */
function headFor({ bytes, fields }: ResponseHead, length: number): Buffer {
  const statusLine = bytes.toString('latin1', 0, bytes.indexOf('\r\n'));
  const lines = bytes.toString('latin1').trimEnd().split('\r\n').slice(1);
  const kept = lines.filter((_line, index) => !isFraming(fields[index]));
  const text = [statusLine, ...kept, `Content-Length: ${length}`].join('\r\n');
  return Buffer.from(`${text}\r\n\r\n`, 'latin1');
}

function isFraming(field: HttpField | undefined): boolean {
  return ['content-length', 'transfer-encoding', 'trailer'].includes(field?.name ?? '');
}

async function readBody(engine: HttpPeer, { framing }: ResponseHead): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  await passResponseBody(engine, framing, (bytes) => {
    parts.push(Buffer.from(bytes));
    length += bytes.length;
    if (length <= MAX_BODY_BYTES) return undefined;
    throw new BrokenMessage(`a response that is to be changed exceeds ${MAX_BODY_BYTES} bytes`);
  });
  const body = Buffer.concat(parts);
  return framing.kind === 'chunked' ? contentOf(body) : body;
}

/** The content of a complete chunked body. */
function contentOf(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const begin = body.indexOf('\n', offset) + 1;
    const size = Number.parseInt(body.toString('latin1', offset, begin), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(begin, begin + size));
    offset = begin + size + '\r\n'.length;
  }
}
