import { Operator } from './operator.js';
import type { Selector } from './selector.js';

/**
 * A filter's only view of an event. Returns undefined for a field that the event lacks, and for an
 * empty one where the view counts empty fields as absent.
 */
export type FieldLookup = (path: readonly string[]) => string | undefined;

/** Decides whether an event is selected. Allocates nothing, except inside regular expressions. */
export type Matcher = (field: FieldLookup) => boolean;

export function compileMatcher(selector: Selector): Matcher {
  const { path } = selector;
  switch (selector.operator) {
    case Operator.present:
      return (field) => field(path) !== undefined;
    case Operator.equal: {
      const { value } = selector;
      return value === undefined ? () => false : (field) => field(path) === value;
    }
    case Operator.notEqual: {
      const { value } = selector;
      return (field) => (field(path) ?? '') !== value;
    }
    case Operator.matches: {
      const { pattern } = selector;
      return (field) => pattern.test(field(path) ?? '');
    }
  }
}
