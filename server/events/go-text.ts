import { excerpt } from '../../protocol/excerpt.js';
import { MAX_QUOTED_LENGTH } from '../../protocol/limits.js';

/** Go's short escapes of ASCII characters. */
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

/** Characters that Go escapes: quote, backslash, and all that unicode.IsPrint refuses. */
const NEEDS_ESCAPE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Quotes text as Go's `%q` does, and cuts what exceeds MAX_QUOTED_LENGTH. */
export function goQuote(text: string): string {
  return `"${excerpt(text, MAX_QUOTED_LENGTH).replace(NEEDS_ESCAPE, escape)}"`;
}

function escape(char: string): string {
  const short = SHORT_ESCAPES.get(char);
  if (short !== undefined) return short;
  const code = char.codePointAt(0) ?? 0;
  // Half a surrogate pair becomes U+FFFD in UTF-8.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/**
 * Formats text as Go's fmt.Sprintf without arguments. containerd formats its error texts once
 * more, so a `%` in a refused name appears in the text as, for example, `%!F(MISSING)`.
 */
export function goFormatWithoutArguments(format: string): string {
  // Past the last bracket none is searched for, so each character is looked at once.
  const lastClose = format.lastIndexOf(']');
  let out = '';
  let at = 0;
  for (;;) {
    const percent = format.indexOf('%', at);
    if (percent < 0) return out + format.slice(at);
    const directive = readDirective(format, percent + 1, lastClose);
    out += format.slice(at, percent) + directive.text;
    at = directive.end;
  }
}

/** Reads flags, width, precision and verb after a `%`. Never fails, as in Go. */
function readDirective(
  format: string,
  start: number,
  lastClose: number,
): { text: string; end: number } {
  const flagsEnd = skipFlags(format, start);
  const first = readArgumentIndex(format, flagsEnd, lastClose);
  const width = readNumberOrStar(format, first.end, '%!(BADWIDTH)');
  let text = width.text;
  let at = width.end;
  let hasIndex = first.present;
  let indexIsRead = first.wellFormed && !width.star;
  // A dot that ends the text is a verb, not a precision.
  if (format[at] === '.' && at + 1 < format.length) {
    const second = readArgumentIndex(format, at + 1, lastClose);
    const precision = readNumberOrStar(format, second.end, '%!(BADPREC)');
    text += precision.text;
    at = precision.end;
    hasIndex ||= second.present;
    indexIsRead = second.wellFormed && !precision.star;
  }
  if (!indexIsRead) {
    const last = readArgumentIndex(format, at, lastClose);
    at = last.end;
    hasIndex ||= last.present;
  }

  const verb = format.codePointAt(at);
  if (verb === undefined) return { text: `${text}%!(NOVERB)`, end: format.length };
  const char = String.fromCodePoint(verb);
  const end = at + char.length;
  if (char === '%') return { text: `${text}%`, end };
  return { text: `${text}%!${char}(${hasIndex ? 'BADINDEX' : 'MISSING'})`, end };
}

function skipFlags(format: string, start: number): number {
  let at = start;
  while (at < format.length && '#0+- '.includes(format.charAt(at))) at++;
  return at;
}

/** Reads an argument index such as `[3]`; of a malformed one, only the first character. */
function readArgumentIndex(format: string, start: number, lastClose: number) {
  if (format[start] !== '[') return { present: false, wellFormed: false, end: start };
  if (lastClose < start || format.length - start < 3) {
    return { present: true, wellFormed: false, end: start + 1 };
  }
  const close = format.indexOf(']', start);
  const number = skipNumber(format, start + 1, close);
  const wellFormed = number.found && number.end === close;
  return { present: true, wellFormed, end: close + 1 };
}

/** Reads a width or precision: digits, or a star, whose argument is missing. */
function readNumberOrStar(format: string, start: number, starText: string) {
  if (format[start] === '*') return { star: true, text: starText, end: start + 1 };
  return { star: false, text: '', end: skipNumber(format, start, format.length).end };
}

/** Skips digits. Like Go, skips everything up to the limit after a number that is too large. */
function skipNumber(format: string, start: number, limit: number): { found: boolean; end: number } {
  let value = 0;
  let at = start;
  for (; at < limit; at++) {
    const char = format.charAt(at);
    if (char < '0' || char > '9') break;
    if (value > 1_000_000) return { found: false, end: limit };
    value = value * 10 + Number(char);
  }
  return { found: at > start, end: at };
}
