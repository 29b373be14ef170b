import { decodeCharacter, REPLACEMENT } from './utf8.js';

export type TokenKind =
  'Field' | 'Operator' | 'Value' | 'Quoted' | 'Separator' | 'Illegal' | 'Unexpected' | 'EOF';

export interface Token {
  readonly kind: TokenKind;
  /** Byte offset of the token in the source. */
  readonly offset: number;
  /** The token's source, quotes included; empty for an illegal character and at the end. */
  readonly bytes: Uint8Array;
}

/** Returned by `peek` at the end of the source. */
export const END_OF_SOURCE = '';
/** Returned by `peek` for NUL, malformed UTF-8 and U+FFFD. */
export const ILLEGAL_CHARACTER = '\0';

const WHITE_SPACE = /\p{White_Space}/u;
const QUOTE = /["/|]/;
const SEPARATOR = /[.,]/;
const OPERATOR = /[=!~]/;
const NAME_CHARACTER = /[A-Za-z0-9_]/;
const VALUE_CHARACTER = /(?!,)[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;
const OCTAL_DIGIT = /[0-7]/;
const HEX_DIGIT = /[0-9A-Fa-f]/;
const HEX_ESCAPE_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Splits the source of a filter into tokens. Whitespace before a token is skipped. */
export class Scanner {
  readonly #source: Uint8Array;
  #offset = 0;
  #error: string | undefined;
  // A word is a value after an operator, and may then hold nearly anything; elsewhere it is a name.
  #valueNext = false;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** Byte offset of the first character not yet consumed by a token. */
  get offset(): number {
    return this.#offset;
  }

  /** Why the first illegal token is illegal. */
  get error(): string | undefined {
    return this.#error;
  }

  /** The next character, whitespace included, or END_OF_SOURCE or ILLEGAL_CHARACTER. */
  peek(): string {
    return this.#decode().text;
  }

  scan(): Token {
    this.#skip(WHITE_SPACE);
    const start = this.#offset;
    const character = this.#next();
    if (character === END_OF_SOURCE) return this.#token('EOF', start);
    if (character === ILLEGAL_CHARACTER) {
      return { kind: 'Illegal', offset: start, bytes: this.#source.subarray(start, start) };
    }
    return this.#token(this.#scanRest(character), start);
  }

  /** Consumes the rest of the token that begins with `first`. */
  #scanRest(first: string): TokenKind {
    if (QUOTE.test(first)) return this.#quoted(first) ? 'Quoted' : 'Illegal';
    if (SEPARATOR.test(first)) {
      this.#valueNext = false;
      return 'Separator';
    }
    if (OPERATOR.test(first)) {
      this.#skip(OPERATOR);
      this.#valueNext = true;
      return 'Operator';
    }
    if (this.#valueNext) {
      this.#skip(VALUE_CHARACTER);
      this.#valueNext = false;
      return 'Value';
    }
    if (!NAME_CHARACTER.test(first)) return 'Unexpected';
    this.#skip(NAME_CHARACTER);
    return 'Field';
  }

  /**
   * Consumes through the closing quote, past illegal escapes too. Returns whether all was legal.
   */
  #quoted(quote: string): boolean {
    let legal = true;
    for (;;) {
      const character = this.#next();
      if (character === quote) return legal;
      if (character === '\\') {
        legal = this.#escape(quote) && legal;
      } else if (['\n', END_OF_SOURCE, ILLEGAL_CHARACTER].includes(character)) {
        this.#noteError('quoted literal not terminated');
        return false;
      }
    }
  }

  #escape(quote: string): boolean {
    const character = this.peek();
    if (OCTAL_DIGIT.test(character)) return this.#digits(OCTAL_DIGIT, 3);
    const hexDigits = HEX_ESCAPE_DIGITS[character];
    if (hexDigits !== undefined) {
      this.#next();
      return this.#digits(HEX_DIGIT, hexDigits);
    }
    if (character === quote || /[abfnrtv\\]/.test(character)) {
      this.#next();
      return true;
    }
    this.#noteError('illegal escape sequence');
    return false;
  }

  #digits(digit: RegExp, count: number): boolean {
    for (let read = 0; read < count; read++) {
      if (!digit.test(this.peek())) {
        this.#noteError('illegal numeric escape sequence');
        return false;
      }
      this.#next();
    }
    return true;
  }

  #skip(characters: RegExp): void {
    while (characters.test(this.peek())) this.#next();
  }

  #next(): string {
    const { text, width } = this.#decode();
    this.#offset += width;
    return text;
  }

  #decode(): { text: string; width: number } {
    if (this.#offset >= this.#source.length) return { text: END_OF_SOURCE, width: 0 };
    const { text, width } = decodeCharacter(this.#source, this.#offset);
    if (text !== REPLACEMENT && text !== '\0') return { text, width };
    this.#noteError(text === REPLACEMENT ? 'rune error' : 'unexpected null');
    return { text: ILLEGAL_CHARACTER, width };
  }

  /** Keeps the first error only: later ones are its consequences. */
  #noteError(error: string): void {
    this.#error ??= error;
  }

  #token(kind: TokenKind, start: number): Token {
    return { kind, offset: start, bytes: this.#source.subarray(start, this.#offset) };
  }
}
