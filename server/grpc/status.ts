import type { StatusObject } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { excerpt } from '../../protocol/excerpt.js';
import { MAX_DETAILS } from '../../protocol/limits.js';
import { clientError } from '../internal-error.js';

/** The status of a failed call, as its client sees it. Internal errors are logged. */
export function statusOf(error: unknown, log: Logger): Pick<StatusObject, 'code' | 'details'> {
  const { grpcStatus, message } = clientError(error, log);
  return { code: grpcStatus, details: headerText(message) };
}

/** Cuts a text to size, and replaces halves of surrogate pairs, which cannot be encoded. */
function headerText(text: string): string {
  return Buffer.from(excerpt(text, MAX_DETAILS)).toString();
}
