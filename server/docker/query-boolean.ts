/** As Docker reads a boolean: anything but these is true. */
const FALSE = new Set(['', '0', 'no', 'false', 'none']);

/** Reads a parameter of a request that is on or off. */
export function parseQueryBoolean(text: string | null, otherwise: boolean): boolean {
  return text === null ? otherwise : !FALSE.has(text.trim().toLowerCase());
}
