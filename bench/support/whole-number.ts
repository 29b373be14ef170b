/**
 * Parses the value of a flag.
 *
 * @throws Error that says what was expected
 */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`${flag} ${text}: expected a whole number from ${least} to ${most}`);
}
