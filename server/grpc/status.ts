import type { StatusObject } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { clientError } from '../internal-error.js';

/** A status travels in a header, percent-encoded, and clients accept at most 64 KiB of headers. */
const MAX_DETAILS = 4096;

/** The status of a failed call, as its client sees it. Internal errors are logged. */
export function statusOf(error: unknown, log: Logger): Pick<StatusObject, 'code' | 'details'> {
  const { grpcStatus, message } = clientError(error, log);
  return { code: grpcStatus, details: headerText(message) };
}

/** Cuts a text to size, and replaces halves of surrogate pairs, which cannot be encoded. */
function headerText(text: string): string {
  const cut = text.length > MAX_DETAILS ? `${text.slice(0, MAX_DETAILS)}…` : text;
  return Buffer.from(cut).toString();
}
