/** More than the names that are in use at a time. */
const MOST_NAMES = 1000;
/** Longer ones are not remembered. */
const MOST_LENGTH = 128;

const known = new Map<string, Uint8Array>();

/** A topic or namespace in UTF-8, not to be changed. There are few that come again and again, so they are remembered. */
export function nameBytes(name: string): Uint8Array {
  const bytes = known.get(name);
  if (bytes !== undefined) return bytes;
  const encoded = new TextEncoder().encode(name);
  if (name.length > MOST_LENGTH) return encoded;
  if (known.size >= MOST_NAMES) known.clear();
  known.set(name, encoded);
  return encoded;
}
