/** Texts that are false in Docker's API; all others are true. */
const FALSE = new Set(['', '0', 'no', 'false', 'none']);

/** Parses a boolean parameter. */
export function parseQueryBoolean(text: string | null, otherwise: boolean): boolean {
  return text === null ? otherwise : !FALSE.has(text.trim().toLowerCase());
}
