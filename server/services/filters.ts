import { FoghornError } from '../../protocol/errors.js';
import { FilterError, parseFilters, type FilterSet } from '../filter/index.js';

/**
 * Compiles a request's filters. Throws INVALID_ARGUMENT with containerd's text, which points at
 * the faulty character.
 */
export function compileFilters(sources: readonly string[]): FilterSet {
  try {
    return parseFilters(sources);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const text = `subscription error: failed parsing subscription filters: ${error.message}`;
    throw new FoghornError('INVALID_ARGUMENT', text, { cause: error });
  }
}
