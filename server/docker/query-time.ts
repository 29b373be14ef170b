import { FoghornError } from '../../protocol/errors.js';
import { goQuote } from '../events/go-text.js';

const NANOS_PER_SECOND = 1_000_000_000n;
const FRACTION_DIGITS = 9;
const MAX_FRACTION_DIGITS = 20;
/** Far above the 19 digits of 64 bits; dockerd has no limit. */
const MAX_SECONDS_DIGITS = 64;

/**
 * Parses unix time, `seconds` or `seconds.fraction`, as ns since 1970; undefined if absent or
 * empty. Clients convert all other formats. Throws INVALID_ARGUMENT with dockerd's texts.
 *
 * @param parameter its name, such as `since`
 */
export function parseQueryTime(parameter: string, text = ''): bigint | undefined {
  if (text === '') return undefined;
  const [seconds = '', ...rest] = text.split('.');
  const fraction = rest.join('.');
  const fault = faultOfSeconds(seconds) ?? faultOfFraction(fraction);
  if (fault !== undefined) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `invalid value for '${parameter}': invalid timestamp ${goQuote(text)}: ${fault}`,
    );
  }
  const nanos = fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, '0');
  return toBigInt(seconds) * NANOS_PER_SECOND + BigInt(nanos);
}

/** Throws INVALID_ARGUMENT, quoting the texts as they were sent, if `until` is before `since`. */
export function checkTimeOrder(
  sinceText: string | undefined,
  since: bigint | undefined,
  untilText: string | undefined,
  until: bigint | undefined,
): void {
  if (since === undefined || until === undefined || since <= until) return;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `\`since\` time (${sinceText}) cannot be after \`until\` time (${untilText})`,
  );
}

function faultOfSeconds(seconds: string): string | undefined {
  if (!/^[+-]?\d+$/.test(seconds)) return `invalid seconds ${goQuote(seconds)}: invalid syntax`;
  // Long numbers take more than linear time to convert.
  const isShort = seconds.length <= MAX_SECONDS_DIGITS;
  if (isShort && BigInt.asIntN(64, toBigInt(seconds)) === toBigInt(seconds)) return undefined;
  return `invalid seconds ${goQuote(seconds)}: value out of range`;
}

/** BigInt() does not accept a plus sign. */
function toBigInt(seconds: string): bigint {
  return BigInt(seconds.replace('+', ''));
}

function faultOfFraction(fraction: string): string | undefined {
  const length = Buffer.byteLength(fraction);
  if (length > MAX_FRACTION_DIGITS) {
    return `invalid nanoseconds: length ${length} exceeds maximum ${MAX_FRACTION_DIGITS}`;
  }
  const position = fraction.search(/\D/);
  if (position < 0) return undefined;
  // dockerd compares bytes.
  const byte = Buffer.from(fraction).subarray(position, position + 1);
  return `invalid nanoseconds: invalid character ${goQuoteChar(byte.toString('latin1'))} at position ${position}`;
}

/** Quotes a character like Go's `%q`, in single quotes. */
function goQuoteChar(char: string): string {
  if (char === '"') return `'"'`;
  return char === "'" ? `'\\''` : `'${goQuote(char).slice(1, -1)}'`;
}
