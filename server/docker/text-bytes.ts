/** Approximate bytes of a pair in a map, besides its texts. */
const PAIR_BYTES = 50;

/** Bytes that the texts of a map may take in memory: at most two for each character. */
export function textBytes(texts: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const [name, value] of texts) bytes += PAIR_BYTES + 2 * (name.length + value.length);
  return bytes;
}
