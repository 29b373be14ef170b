import type { IncomingMessage } from 'node:http';
import { FoghornError } from '../../protocol/errors.js';

/** A longer body than so many times the limit is cut, instead of read to its end and refused. */
const MAX_EXCESS = 4;

/**
 * Reads a request's body. Rejects with INVALID_ARGUMENT for one that is too long, and CANCELLED
 * when the client has gone.
 */
export function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    message.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= maxBytes) parts.push(part);
      else parts.length = 0;
      if (bytes > maxBytes * MAX_EXCESS) message.destroy();
    });
    message.once('end', () => {
      if (bytes <= maxBytes) resolve(Buffer.concat(parts, bytes));
      else reject(invalidBody(`at most ${maxBytes} bytes, got ${bytes}`));
    });
    message.once('error', () => {
      reject(new FoghornError('CANCELLED', 'the client has gone'));
    });
    message.once('close', () => {
      reject(new FoghornError('CANCELLED', 'the client has gone'));
    });
  });
}

function invalidBody(expected: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', `body: expected ${expected}`);
}
