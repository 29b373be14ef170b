import type { Logger } from 'pino';
import { ClientErrors } from '../internal-error.js';
import type { Interceptor } from './interceptor.js';

/** Logs internal errors in full, and shows only their id to clients. */
export function internalErrors(log: Logger): Interceptor {
  const errors = new ClientErrors(log);
  return { fail: (error) => errors.of(error) };
}
