import { excerpt } from '../../protocol/excerpt.js';
import { FoghornError } from '../../protocol/errors.js';
import { MAX_DETAILS } from '../../protocol/limits.js';
import { encodeRetryInfo, STATUS_DETAILS_KEY } from '../../protocol/wire/retry-info.js';
import { HeaderBlock } from '../http2/index.js';

export const OK = 0;
export const CANCELLED = 1;

/** Ends every successful call. */
export const OK_TRAILERS = new HeaderBlock([['grpc-status', '0']], true);

/** The trailers of an error, which must be one that the client may see. */
export function statusFields(error: FoghornError): [string, string][] {
  const { grpcStatus, retryAfterMs } = error;
  const message = excerpt(error.message, MAX_DETAILS);
  const fields: [string, string][] = [
    ['grpc-status', String(grpcStatus)],
    ['grpc-message', percentEncoded(message)],
  ];
  if (retryAfterMs !== undefined) {
    const details = encodeRetryInfo(grpcStatus, message, retryAfterMs);
    fields.push([STATUS_DETAILS_KEY, Buffer.from(details).toString('base64')]);
  }
  return fields;
}

const UNCHANGED = /^[ -$&-~]*$/;

/**
 * Encodes a status message as gRPC has it: bytes other than printable ASCII, and the percent sign.
 */
export function percentEncoded(text: string): string {
  if (UNCHANGED.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    encoded += UNCHANGED.test(character) ? character : `%${hex(byte)}`;
  }
  return encoded;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
