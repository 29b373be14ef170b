import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { FoghornError } from '../protocol/errors.js';
import { RateLimit } from './log/rate-limit.js';

/**
 * Errors that clients may see. An error that is no FoghornError is logged in full, within limits,
 * because a caller may be able to repeat it; the client gets only the id that the log line has.
 */
export class ClientErrors {
  readonly #lines = new RateLimit();

  constructor(private readonly log: Logger) {}

  of(error: unknown): FoghornError {
    if (error instanceof FoghornError) return error;
    const id = randomBytes(4).toString('hex');
    const isLogged = this.#lines.pass((leftOut) => {
      this.log.error({ err: error, id, ...leftOut }, `internal error (id ${id})`);
    });
    const text = isLogged
      ? `internal error (id ${id}): see the broker's log`
      : "internal error: one of many, of which the broker's log has the first";
    return new FoghornError('INTERNAL', text);
  }
}
