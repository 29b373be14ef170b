/** More than the names in use at a time. */
const MAX_NAMES = 1000;
/** Longer names are not kept. */
const MAX_LENGTH = 128;

/** A cache: topics and namespaces are few and repeat. */
const known = new Map<string, Uint8Array>();

/** A topic or namespace in UTF-8. Callers share the array, so it must not be changed. */
export function nameBytes(name: string): Uint8Array {
  const bytes = known.get(name);
  if (bytes !== undefined) return bytes;
  const encoded = new TextEncoder().encode(name);
  if (name.length > MAX_LENGTH) return encoded;
  if (known.size >= MAX_NAMES) known.clear();
  known.set(name, encoded);
  return encoded;
}
