import { Operator } from './operator.js';
import type { Selector } from './selector.js';

/**
 * The only view that a filter has of an event: undefined when it has no such field, or when the field counts as
 * absent because it is empty.
 */
export type FieldLookup = (path: readonly string[]) => string | undefined;

/** Decides whether an event is selected. Allocates nothing itself, except for what a regular expression needs. */
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
