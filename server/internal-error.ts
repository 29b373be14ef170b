import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { FoghornError } from '../protocol/errors.js';

/**
 * Returns the error that a client may see. Any error but a FoghornError is logged in full, and the
 * client gets only the id that the log line has.
 */
export function clientError(error: unknown, log: Logger): FoghornError {
  if (error instanceof FoghornError) return error;
  const id = randomBytes(4).toString('hex');
  log.error({ err: error, id }, `internal error (id ${id})`);
  return new FoghornError('INTERNAL', `internal error (id ${id}): see the broker's log`);
}
