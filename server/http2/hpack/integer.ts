/**
 * Writes an integer whose first byte has a pattern in the bits before the prefix (RFC 7541, section
 * 5.1). Returns the position after it.
 */
export function putInteger(
  target: Uint8Array,
  begin: number,
  pattern: number,
  prefixBits: number,
  value: number,
): number {
  const mask = (1 << prefixBits) - 1;
  let at = begin;
  if (value < mask) {
    target[at++] = pattern | value;
    return at;
  }
  target[at++] = pattern | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
  target[at++] = rest;
  return at;
}
