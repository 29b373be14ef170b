import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';

/** The error of a name that a consumer has. */
export function exists(name: string): FoghornError {
  return new FoghornError('ALREADY_EXISTS', `consumer ${quotedExcerpt(name)} exists already`);
}

/** The error of a name that no consumer has. */
export function notFound(name: string): FoghornError {
  return new FoghornError('NOT_FOUND', `no consumer is named ${quotedExcerpt(name)}`);
}

/** The error of a consumer that ends while a member attaches, which then attaches again. */
export function startsAgain(name: string): FoghornError {
  return new FoghornError('UNAVAILABLE', `consumer ${name} is starting again`);
}

/** The error of a generation that is over. */
export function wasReset(name: string): FoghornError {
  return new FoghornError('ABORTED', `consumer ${name} was reset: attach to it again`);
}
