import { deflate, gunzip, gzip, inflate, type InputType, type ZlibOptions } from 'node:zlib';
import { FoghornError } from '../../protocol/errors.js';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.js';
import { frameOf } from './frames.js';

type Transform = (
  bytes: InputType,
  options: ZlibOptions,
  done: (error: Error | null, result: Buffer) => void,
) => void;

/** A compression of messages, by its name in `grpc-encoding`. */
export interface Encoding {
  readonly name: string;
  readonly compress: Transform;
  readonly decompress: Transform;
}

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map(
  [
    { name: 'gzip', compress: gzip, decompress: gunzip },
    { name: 'deflate', compress: deflate, decompress: inflate },
  ].map((encoding) => [encoding.name, encoding]),
);

/** All encodings of requests, as the header `grpc-accept-encoding` lists them. */
export const ACCEPTED_ENCODINGS = ['identity', ...ENCODINGS.keys()].join(',');

/** Smaller answers gain nothing from compression. */
const MIN_COMPRESSED_BYTES = 1024;

/** The encoding with a name, undefined for none, UNIMPLEMENTED for an unknown one. */
export function encodingOf(name: string | undefined): Encoding | undefined | FoghornError {
  if (name === undefined || name === '' || name === 'identity') return undefined;
  const encoding = ENCODINGS.get(name);
  if (encoding !== undefined) return encoding;
  return new FoghornError(
    'UNIMPLEMENTED',
    `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(name)}`,
  );
}

/**
 * Decompresses a message in another thread. Rejects with INTERNAL for malformed bytes or a call
 * without an encoding, and with RESOURCE_EXHAUSTED as soon as the result exceeds the limit of a
 * message.
 */
export function decompress(message: Uint8Array, encoding: Encoding | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (encoding === undefined) {
      throw new FoghornError(
        'INTERNAL',
        'grpc: compressed flag set with identity or empty encoding',
      );
    }
    encoding.decompress(message, { maxOutputLength: MAX_MESSAGE_BYTES }, (error, result) => {
      if (error === null) resolve(result);
      else reject(decompressionError(error));
    });
  });
}

function decompressionError(cause: NodeJS.ErrnoException): FoghornError {
  if (cause.code === 'ERR_BUFFER_TOO_LARGE') {
    const text = `grpc: received message larger than max (over ${MAX_MESSAGE_BYTES} decompressed)`;
    return new FoghornError('RESOURCE_EXHAUSTED', text, { cause });
  }
  const text = `grpc: failed to decompress the received message: ${cause.message}`;
  return new FoghornError('INTERNAL', text, { cause });
}

/** The frame of a message, compressed in another thread if that is worth it. */
export async function compressedFrame(message: Uint8Array, encoding: Encoding): Promise<Buffer> {
  if (message.length < MIN_COMPRESSED_BYTES) return frameOf(message);
  return frameOf(await compress(message, encoding), true);
}

function compress(message: Uint8Array, encoding: Encoding): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    encoding.compress(message, {}, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
