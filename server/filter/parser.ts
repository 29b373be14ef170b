import { errorAt } from './error.js';
import { Operator } from './operator.js';
import { END_OF_SOURCE, ILLEGAL_CHARACTER, Scanner, type Token } from './scanner.js';
import { unquote } from './unquote.js';
import { decodeUnambiguous, REPLACEMENT } from './utf8.js';

/** A selector as written, its value not yet interpreted. Offsets are bytes in the source. */
export interface ParsedSelector {
  readonly path: readonly string[];
  readonly offset: number;
  /** Absent in a presence test. */
  readonly comparison?: ParsedComparison;
}

export interface ParsedComparison {
  readonly operator: ComparisonOperator;
  readonly value: Uint8Array;
  readonly valueOffset: number;
}

type ComparisonOperator = Exclude<Operator, typeof Operator.present>;

const COMPARISON_OPERATORS = new Map<string, ComparisonOperator>(
  [Operator.equal, Operator.notEqual, Operator.matches].map((operator) => [operator, operator]),
);
const QUOTES = /"/;
const PATTERN_QUOTES = /["/|]/;

/**
 * Parses a whole source:
 *
 *     filter   = "" | selector { "," selector }
 *     selector = path [ operator value ]
 *     path     = part { "." part }                  part = name | "quoted"
 *     operator = "==" | "!=" | "~="
 *     value    = bare | "quoted"                    after "~=" also /quoted/ and |quoted|
 *
 * Whitespace is allowed before a part, an operator and a value, but not before the comma or the end
 * that closes a selector.
 *
 * @throws FilterError at the first syntax error
 */
export function parse(source: Uint8Array): ParsedSelector[] {
  return source.length === 0 ? [] : new Parser(source).selectors();
}

class Parser {
  readonly #source: Uint8Array;
  readonly #scanner: Scanner;

  constructor(source: Uint8Array) {
    this.#source = source;
    this.#scanner = new Scanner(source);
  }

  selectors(): ParsedSelector[] {
    const selectors = [this.#selector()];
    for (;;) {
      const next = this.#scanner.peek();
      if (next === END_OF_SOURCE) return selectors;
      if (next !== ',') {
        const shown = next === ILLEGAL_CHARACTER ? REPLACEMENT : next;
        throw errorAt(this.#source, this.#scanner.offset, `unexpected input: ${shown}`);
      }
      this.#scanner.scan();
      selectors.push(this.#selector());
    }
  }

  #selector(): ParsedSelector {
    const offset = this.#scanner.offset;
    const path = this.#path();
    const next = this.#scanner.peek();
    if (next === ',' || next === END_OF_SOURCE) return { path, offset };
    return { path, offset, comparison: this.#comparison() };
  }

  #comparison(): ParsedComparison {
    const operator = this.#operator();
    const token = this.#scanner.scan();
    const value = this.#value(token, operator === Operator.matches ? PATTERN_QUOTES : QUOTES);
    return { operator, value, valueOffset: token.offset };
  }

  #path(): string[] {
    const path = [this.#part()];
    while (this.#scanner.peek() === '.') {
      this.#scanner.scan();
      path.push(this.#part());
    }
    // The copy has no spare capacity, which matters because filters live long.
    return path.slice();
  }

  #part(): string {
    const token = this.#scanner.scan();
    if (token.kind === 'Field') return decodeUnambiguous(token.bytes);
    if (token.kind === 'Quoted') return decodeUnambiguous(this.#unquote(token, QUOTES));
    throw this.#unexpected(token, 'expected field or quoted');
  }

  #operator(): ComparisonOperator {
    const token = this.#scanner.scan();
    if (token.kind !== 'Operator') {
      throw this.#unexpected(token, 'expected an operator ("=="|"!="|"~=")');
    }
    const text = decodeUnambiguous(token.bytes);
    const operator = COMPARISON_OPERATORS.get(text);
    if (operator !== undefined) return operator;
    throw errorAt(this.#source, token.offset, `unsupported operator "${text}"`);
  }

  #value(token: Token, quotes: RegExp): Uint8Array {
    if (token.kind === 'Value') return token.bytes;
    if (token.kind === 'Quoted') return this.#unquote(token, quotes);
    throw this.#unexpected(token, 'expected value or quoted');
  }

  #unquote(token: Token, quotes: RegExp): Uint8Array {
    if (!quotes.test(String.fromCharCode(token.bytes[0] ?? 0))) {
      throw errorAt(this.#source, token.offset, 'invalid quote encountered');
    }
    const value = unquote(token.bytes);
    if (value !== undefined) return value;
    throw errorAt(this.#source, token.offset, 'unquoting failed: quote syntax error');
  }

  #unexpected(token: Token, expected: string): Error {
    const message = token.kind === 'Illegal' ? this.#scanner.error : undefined;
    return errorAt(this.#source, token.offset, message ?? expected);
  }
}
