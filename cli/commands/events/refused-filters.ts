import { FoghornError } from '../../../protocol/errors.js';
import { syntaxHint } from './filter-hints.js';

/**
 * The error for the user whose filters the broker refused: points into the user's own text instead
 * of the filters that flags were joined with, and adds what was probably meant. Returns other
 * errors as they are.
 *
 * @param filters as the user gave them
 */
export async function refusedFilters(error: unknown, filters: readonly string[]): Promise<unknown> {
  if (!(error instanceof FoghornError) || error.code !== 'INVALID_ARGUMENT') return error;
  if (!error.message.includes('filter')) return error;
  const fault = (await ownFault(filters)) ?? error.message;
  const hint = syntaxHint(filters);
  const text = hint === undefined ? fault : `${fault} (${hint})`;
  return new FoghornError('INVALID_ARGUMENT', text, { cause: error });
}

/** The fault of the first filter that has one; undefined if none has. */
async function ownFault(filters: readonly string[]): Promise<string | undefined> {
  // Loaded only here, because filters are seldom refused.
  const { FilterError, parseFilter } = await import('../../../server/filter/index.js');
  for (const filter of filters) {
    try {
      parseFilter(filter);
    } catch (error) {
      if (error instanceof FilterError) return error.message;
      throw error;
    }
  }
  return undefined;
}
