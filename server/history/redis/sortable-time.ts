/** Offset that makes every 64-bit time a number from 0 on. */
const BIAS = 2n ** 63n;
const GREATEST = 2n ** 64n - 1n;

/** A time in ns since 1970 as an unsigned number, clamped to 64 bits. */
export function wireTime(time: bigint): bigint {
  const biased = time + BIAS;
  if (biased < 0n) return 0n;
  return biased > GREATEST ? GREATEST : biased;
}

export function timeOfWire(biased: bigint): bigint {
  return biased - BIAS;
}

/** A time as 20 digits that sort as the times do. */
export function sortableTime(time: bigint): string {
  return wireTime(time).toString().padStart(20, '0');
}

/** The inverse of `sortableTime`. */
export function timeOfSortable(text: string): bigint {
  return timeOfWire(BigInt(text));
}
