import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };
const LAST_CODE_POINT = 0x10ffff;

/**
 * Generates any character but half a surrogate pair, as the unit of a string. fast-check's own unit
 * `binary` does the same, but lists all of a million characters first.
 */
export const anyCharacter = fc
  .nat(LAST_CODE_POINT - SURROGATES.count)
  .map((n) => String.fromCodePoint(n < SURROGATES.first ? n : n + SURROGATES.count));
