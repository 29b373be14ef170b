/** Longest source of one filter, in bytes. */
export const MAX_SOURCE_BYTES = 64 * 1024;

export const MAX_SELECTORS_PER_FILTER = 64;

export const MAX_FILTERS_PER_SUBSCRIPTION = 64;

/** Longest regular expression, in bytes. */
export const MAX_PATTERN_BYTES = 1024;

/**
 * Instructions that one regular expression may compile to; matching costs at most this many steps per character.
 * Without counted repetition a pattern of the longest length needs fewer, with it the largest count (1000) still fits.
 */
export const MAX_PROGRAM_INSTRUCTIONS = 2048;

/**
 * All distinct regular expressions of one subscription together, in bytes. The costliest ones take about 0.1 ms per
 * byte to compile, so this bounds how long a single subscribe call can occupy the process.
 */
export const MAX_PATTERN_BYTES_PER_SUBSCRIPTION = 8 * 1024;
