import { randomBytes } from 'node:crypto';

/**
 * Hexadecimal digits of the milliseconds, enough for five centuries, and of the count within one.
 */
const TIME_DIGITS = 11;
const COUNT_DIGITS = 5;

/**
 * Makes ids by which the broker recognizes a publication that is sent again. An id has 33 bytes;
 * the first 16 are the time and a count in hex, so that ids sort. None repeats, however the clock
 * is stepped.
 *
 * @param now ms since 1970
 */
export function publishIds(now: () => number = Date.now): () => string {
  const client = randomBytes(8).toString('hex');
  let time = 0;
  let timeDigits = '';
  let count = 0;
  const begin = (millis: number): void => {
    time = millis;
    timeDigits = millis.toString(16).padStart(TIME_DIGITS, '0');
    count = 0;
  };
  return () => {
    const millis = now();
    if (millis > time) begin(millis);
    else if (count === 16 ** COUNT_DIGITS) begin(time + 1);
    const countDigits = (count++).toString(16).padStart(COUNT_DIGITS, '0');
    return `${timeDigits}${countDigits}-${client}`;
  };
}
