import { errorAt, FilterError } from './error.js';
import {
  LEAST_BUDGETED,
  MAX_FILTERS_PER_SUBSCRIPTION,
  MAX_SELECTORS_PER_FILTER,
  MAX_SOURCE_BYTES,
} from './limits.js';
import { compileMatcher, type Matcher } from './matcher.js';
import { Operator } from './operator.js';
import { parse } from './parser.js';
import { PatternSet } from './pattern.js';
import { compileSelector, type Selector } from './selector.js';

/** Length of a subscription's filters in the log. */
const SHOWN_CHARACTERS = 200;

/** Selectors joined by AND; a filter without selectors matches everything. */
export interface Filter {
  readonly selectors: readonly Selector[];
  readonly matches: Matcher;
  /** One matcher for each selector. */
  readonly matchers: readonly Matcher[];
}

/** Filters joined by OR; a set without filters matches everything. */
export interface FilterSet {
  readonly filters: readonly Filter[];
  readonly matches: Matcher;
  /** Set where a match may take long, so that it needs a budget: see `GradualMatch`. */
  readonly costly: CostlyFilters | undefined;
}

/** The filters of a subscription whose matches may take long. */
export interface CostlyFilters {
  /** The beginning of the filters, for the log. */
  readonly text: string;
}

/**
 * Compiles one filter. Accepts bytes because a source may be invalid UTF-8.
 *
 * @throws FilterError with the byte offset of the fault, or naming the exceeded limit
 */
export function parseFilter(source: string | Uint8Array): Filter {
  return runToEnd(compileFilter(source, new PatternSet()));
}

/**
 * Compiles the filters of one subscription.
 *
 * @throws FilterError for the first rejected filter
 */
export function parseFilters(sources: readonly string[]): FilterSet {
  return runToEnd(parseInSteps(sources));
}

/**
 * Like `parseFilters`, in steps of a few milliseconds at most, because filters within all limits
 * can take a hundred.
 */
export function* parseInSteps(sources: readonly string[]): Generator<void, FilterSet, void> {
  const filters: Filter[] = [];
  try {
    yield* compileFilters(sources, filters);
  } catch (error) {
    throw asInvalidArgument(error);
  }
  return { filters, matches: anyOf(filters), costly: costlyFilters(filters, sources) };
}

function* compileFilters(sources: readonly string[], into: Filter[]): Generator<void, void, void> {
  if (sources.length > MAX_FILTERS_PER_SUBSCRIPTION) {
    throw new FilterError(
      `filters: ${sources.length} filters in one subscription, the limit is ${MAX_FILTERS_PER_SUBSCRIPTION}`,
    );
  }
  const patterns = new PatternSet();
  for (const source of sources) {
    into.push(yield* compileFilter(source, patterns));
  }
}

function* compileFilter(
  source: string | Uint8Array,
  patterns: PatternSet,
): Generator<void, Filter, void> {
  const length = typeof source === 'string' ? Buffer.byteLength(source) : source.length;
  if (length > MAX_SOURCE_BYTES) {
    throw new FilterError(
      `filters: filter is ${length} bytes long, the limit is ${MAX_SOURCE_BYTES}`,
    );
  }
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  // The whole source is parsed before any pattern is compiled: syntax errors take precedence.
  const parsed = parse(bytes);
  const excess = parsed[MAX_SELECTORS_PER_FILTER];
  if (excess !== undefined) {
    const message = `${parsed.length} selectors in one filter, the limit is ${MAX_SELECTORS_PER_FILTER}`;
    throw errorAt(bytes, excess.offset, message);
  }
  const selectors: Selector[] = [];
  for (const selector of parsed) {
    selectors.push(compileSelector(selector, bytes, patterns));
    yield;
  }
  const matchers = selectors.map(compileMatcher);
  return { selectors, matches: allOf(matchers), matchers };
}

function costlyFilters(
  filters: readonly Filter[],
  sources: readonly string[],
): CostlyFilters | undefined {
  let instructions = 0;
  let count = 0;
  for (const { selectors } of filters) {
    count += selectors.length;
    for (const selector of selectors) {
      if (selector.operator === Operator.matches) instructions += selector.pattern.instructions;
    }
  }
  if (instructions < LEAST_BUDGETED.instructions && count < LEAST_BUDGETED.selectors) {
    return undefined;
  }
  return { text: sources.join(' ').slice(0, SHOWN_CHARACTERS) };
}

// Top-level functions, so that the matchers they return keep no compile-time state alive.

function anyOf(filters: readonly Filter[]): Matcher {
  const [only] = filters;
  if (only !== undefined && filters.length === 1) return only.matches;
  return (field) => {
    for (const filter of filters) if (filter.matches(field)) return true;
    return filters.length === 0;
  };
}

function allOf(matchers: readonly Matcher[]): Matcher {
  const [only] = matchers;
  if (only !== undefined && matchers.length === 1) return only;
  return (field) => {
    for (const matcher of matchers) if (!matcher(field)) return false;
    return true;
  };
}

/** Adds the suffix that containerd gives to errors of a filter list. */
function asInvalidArgument(error: unknown): unknown {
  if (!(error instanceof FilterError)) return error;
  return new FilterError(`${error.message}: invalid argument`, error.offset);
}

function runToEnd<Result>(steps: Generator<void, Result, void>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
