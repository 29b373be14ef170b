import { errorAt } from './error.js';
import { Operator } from './operator.js';
import type { ParsedComparison, ParsedSelector } from './parser.js';
import { PatternError, type Pattern, type PatternSet } from './pattern.js';
import { decodeStrict } from './utf8.js';

/** Selects events that have the field. */
export interface PresenceSelector {
  readonly operator: typeof Operator.present;
  readonly path: readonly string[];
}

/** Compares a field with a value, byte by byte. An absent field equals only the empty value. */
export interface EqualitySelector {
  readonly operator: typeof Operator.equal | typeof Operator.notEqual;
  readonly path: readonly string[];
  /** The value as text; undefined for invalid UTF-8, which no field can equal. */
  readonly value: string | undefined;
  /** The raw value, only if it is invalid UTF-8. */
  readonly bytes: Uint8Array | undefined;
}

/** Searches a field for a regular expression. An absent field counts as empty. */
export interface PatternSelector {
  readonly operator: typeof Operator.matches;
  readonly path: readonly string[];
  readonly value: string;
  readonly pattern: Pattern;
}

export type Selector = PresenceSelector | EqualitySelector | PatternSelector;

/** @throws FilterError if the value is a regular expression that is invalid or exceeds a limit */
export function compileSelector(
  { path, comparison }: ParsedSelector,
  source: Uint8Array,
  patterns: PatternSet,
): Selector {
  if (comparison === undefined) return { operator: Operator.present, path };
  const { operator, value: bytes } = comparison;
  if (operator !== Operator.matches) {
    const value = decodeStrict(bytes);
    return { operator, path, value, bytes: value === undefined ? bytes : undefined };
  }
  const pattern = compilePattern(comparison, source, patterns);
  return { operator, path, value: pattern.source, pattern };
}

function compilePattern(
  { value, valueOffset }: ParsedComparison,
  source: Uint8Array,
  patterns: PatternSet,
): Pattern {
  try {
    return patterns.compile(value);
  } catch (error) {
    if (error instanceof PatternError) throw errorAt(source, valueOffset, error.message);
    throw error;
  }
}
