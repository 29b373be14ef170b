import { FoghornError } from '../../protocol/errors.js';
import type { SliceSchedule } from '../broker/slice-schedule.js';
import { FilterError, parseFilters, parseInSteps, type FilterSet } from '../filter/index.js';

/** Filters without regular expressions that are this long together are compiled at once. */
const SHORT = 1024;

/** Compiles the filters of requests, in slices, so that costly ones delay nobody else. */
export class FilterCompiler {
  constructor(private readonly schedule: SliceSchedule) {}

  /**
   * Rejects with INVALID_ARGUMENT and containerd's text, which points at the faulty character.
   */
  async compile(sources: readonly string[]): Promise<FilterSet> {
    try {
      return isShort(sources) ? parseFilters(sources) : await this.#compileInSlices(sources);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      const text = `subscription error: failed parsing subscription filters: ${error.message}`;
      throw new FoghornError('INVALID_ARGUMENT', text, { cause: error });
    }
  }

  async #compileInSlices(sources: readonly string[]): Promise<FilterSet> {
    const steps = parseInSteps(sources);
    await this.schedule.nextSlice();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (!this.schedule.admits()) await this.schedule.nextSlice();
    }
  }
}

function isShort(sources: readonly string[]): boolean {
  let length = 0;
  for (const source of sources) {
    length += source.length;
    if (length > SHORT || source.includes('~=')) return false;
  }
  return true;
}
