/** Rules of containerd for namespaces and the components of topics. */
export const MAX_IDENTIFIER_BYTES = 76;
export const IDENTIFIER_PATTERN = '^[A-Za-z0-9]+(?:[._-](?:[A-Za-z0-9]+))*$';

const IDENTIFIER = new RegExp(IDENTIFIER_PATTERN);

/** Whether a text consists of the characters of an identifier; it may be too long. */
export function hasIdentifierCharacters(text: string): boolean {
  return IDENTIFIER.test(text);
}

/** Longest container id under which events are filed. containerd allows ids of 76 bytes. */
export const MAX_ID_BYTES = 255;

/** Whether the history can file events under a container's id, and so answer how it ended. */
export function isContainerId(id: string): boolean {
  if (id === '' || id.includes('\0')) return false;
  // No character takes more than three bytes for each of its units, so most need not be counted.
  return 3 * id.length <= MAX_ID_BYTES || Buffer.byteLength(id) <= MAX_ID_BYTES;
}
