import type { Logger } from 'pino';
import { clientError } from '../internal-error.js';
import type { Interceptor } from './interceptor.js';

/** Logs internal errors in full, and shows only their id to clients. */
export function internalErrors(log: Logger): Interceptor {
  return { fail: (error) => clientError(error, log) };
}
