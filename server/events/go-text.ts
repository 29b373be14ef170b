/** Go's name for a control character that has one, for code points below 128. */
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

/** What Go's unicode.IsPrint refuses: all but letters, marks, numbers, punctuation, symbols and the ASCII space. */
const NEEDS_ESCAPE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Quotes text as Go's `%q` does. */
export function goQuote(text: string): string {
  return `"${text.replace(NEEDS_ESCAPE, escape)}"`;
}

function escape(char: string): string {
  const short = SHORT_ESCAPES.get(char);
  if (short !== undefined) return short;
  const code = char.codePointAt(0) ?? 0;
  // Text that left UTF-16 through UTF-8 has U+FFFD where half a surrogate pair was.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/**
 * What Go's fmt.Sprintf makes of a format when it gets no arguments. containerd sends its error texts
 * through it once, so a `%` in a name that it refuses shows in the text as, for example, `%!F(MISSING)`.
 */
export function goFormatWithoutArguments(format: string): string {
  let out = '';
  let at = 0;
  for (;;) {
    const percent = format.indexOf('%', at);
    if (percent < 0) return out + format.slice(at);
    const directive = readDirective(format, percent + 1);
    out += format.slice(at, percent) + directive.text;
    at = directive.end;
  }
}

/** Reads flags, width, precision and verb after a `%`; nothing of it is ever wrong enough to stop. */
function readDirective(format: string, start: number): { text: string; end: number } {
  const flagsEnd = skipFlags(format, start);
  const first = readArgumentIndex(format, flagsEnd);
  const width = readNumberOrStar(format, first.end, '%!(BADWIDTH)');
  let text = width.text;
  let at = width.end;
  let hasIndex = first.present;
  let indexIsRead = first.wellFormed && !width.star;
  // A dot that ends the text is a verb, not a precision.
  if (format[at] === '.' && at + 1 < format.length) {
    const second = readArgumentIndex(format, at + 1);
    const precision = readNumberOrStar(format, second.end, '%!(BADPREC)');
    text += precision.text;
    at = precision.end;
    hasIndex ||= second.present;
    indexIsRead = second.wellFormed && !precision.star;
  }
  if (!indexIsRead) {
    const last = readArgumentIndex(format, at);
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

/** An argument index such as `[3]`; one without a number or a closing bracket is passed over in part. */
function readArgumentIndex(format: string, start: number) {
  if (format[start] !== '[') return { present: false, wellFormed: false, end: start };
  const close = format.indexOf(']', start);
  if (close < 0 || format.length - start < 3) {
    return { present: true, wellFormed: false, end: start + 1 };
  }
  const number = skipNumber(format, start + 1, close);
  const wellFormed = number.found && number.end === close;
  return { present: true, wellFormed, end: close + 1 };
}

/** A width or precision: digits, or a star that finds no argument to take it from. */
function readNumberOrStar(format: string, start: number, starText: string) {
  if (format[start] === '*') return { star: true, text: starText, end: start + 1 };
  return { star: false, text: '', end: skipNumber(format, start, format.length).end };
}

/** Passes over digits. A number that Go finds too large swallows everything up to the limit. */
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
