import { decodeLossy } from './utf8.js';

const ESCAPE =
  /\\(?:(?<plain>[abfnrtv\\"'/|])|(?<octal>[0-7]{3})|x(?<hex>[0-9A-Fa-f]{2})|u(?<short>[0-9A-Fa-f]{4})|U(?<long>[0-9A-Fa-f]{8}))/y;

const CONTROLS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Decodes a literal, given with its quotes: `"…"`, `/…/`, `|…|`, `'…'` (exactly one character)
 * or backticks (no escapes, carriage returns dropped). Returns undefined for a malformed literal.
 *
 * Escapes with `x` or octal digits denote bytes, so the result may be invalid UTF-8.
 */
export function unquote(literal: Uint8Array): Uint8Array | undefined {
  // Latin-1 text has one character for each byte.
  const text = Buffer.from(literal).toString('latin1');
  const quote = text[0];
  if (quote === undefined || !/["'`/|]/.test(quote)) return undefined;
  if (text.length < 2 || !text.endsWith(quote)) return undefined;

  const body = text.slice(1, -1);
  const decoded = quote === '`' ? unquoteRaw(body) : unescape(body, quote);
  if (decoded === undefined) return undefined;
  const bytes = Buffer.from(decoded, 'latin1');
  return quote === "'" && !/^.$/su.test(decodeLossy(bytes)) ? undefined : bytes;
}

function unquoteRaw(body: string): string | undefined {
  return body.includes('`') ? undefined : body.replaceAll('\r', '');
}

function unescape(body: string, quote: string): string | undefined {
  let decoded = '';
  for (let at = 0; at < body.length;) {
    const character = body.charAt(at);
    if (character === quote || character === '\n') return undefined;
    if (character !== '\\') {
      decoded += character;
      at++;
      continue;
    }
    ESCAPE.lastIndex = at;
    const escape = ESCAPE.exec(body)?.groups;
    const meaning = escape && escapedBytes(escape, quote);
    if (meaning === undefined) return undefined;
    decoded += meaning;
    at = ESCAPE.lastIndex;
  }
  return decoded;
}

function escapedBytes(
  { plain, octal, hex, short, long }: Record<string, string | undefined>,
  quote: string,
): string | undefined {
  if (plain !== undefined) {
    const isForeignQuote = plain !== quote && /["'/|]/.test(plain);
    return isForeignQuote ? undefined : (CONTROLS[plain] ?? plain);
  }
  if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
  if (octal !== undefined) {
    const byte = parseInt(octal, 8);
    return byte > 0xff ? undefined : String.fromCharCode(byte);
  }
  const codePoint = parseInt(short ?? long ?? '', 16);
  if (codePoint > 0x10ffff) return undefined;
  // Buffer.from replaces a surrogate, which UTF-8 cannot encode, by U+FFFD.
  return Buffer.from(String.fromCodePoint(codePoint)).toString('latin1');
}
