/** Adds what makes every time of 64 bits a number from 0 on. */
const BIAS = 2n ** 63n;
const GREATEST = 2n ** 64n - 1n;

/** A time in ns since 1970 as 20 digits that sort as the times do; one beyond 64 bits as the nearest within. */
export function sortableTime(time: bigint): string {
  const biased = time + BIAS;
  const within = biased < 0n ? 0n : biased > GREATEST ? GREATEST : biased;
  return within.toString().padStart(20, '0');
}

/** The time that `sortableTime` made the text of. */
export function timeOfSortable(text: string): bigint {
  return BigInt(text) - BIAS;
}
