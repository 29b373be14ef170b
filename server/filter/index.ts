export { FilterError } from './error.js';
export { type Filter, type FilterSet, parseFilter, parseFilters, parseInSteps } from './filter.js';
export { GradualMatch, type MatchBudget } from './gradual-match.js';
export type { FieldLookup } from './matcher.js';
export { Operator } from './operator.js';
export type { EqualitySelector, PatternSelector, PresenceSelector, Selector } from './selector.js';
