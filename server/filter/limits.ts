/** Longest source of one filter. */
export const MAX_SOURCE_BYTES = 64 * 1024;

export const MAX_SELECTORS_PER_FILTER = 64;

export const MAX_FILTERS_PER_SUBSCRIPTION = 64;

/** Longest regular expression. */
export const MAX_PATTERN_BYTES = 1024;

/**
 * Instructions that one regular expression may compile to, which bounds the steps of a match per
 * character. Patterns without counted repetition never reach it, and the largest count (1000) fits.
 */
export const MAX_PROGRAM_INSTRUCTIONS = 2048;

/**
 * Total length of the distinct regular expressions of one subscription. The costliest take about
 * 0.1 ms per byte to compile, so this bounds how long one subscribe call can block the process.
 */
export const MAX_PATTERN_BYTES_PER_SUBSCRIPTION = 8 * 1024;

/**
 * Instructions of all distinct regular expressions of one subscription: eight of the largest. This
 * bounds their memory, and the time that one event can cost.
 */
export const MAX_INSTRUCTIONS_PER_SUBSCRIPTION = 8 * MAX_PROGRAM_INSTRUCTIONS;

/**
 * Memory in which one regular expression caches the states that matching discovers. Ordinary ones
 * discover fewer than a hundred; a pattern that needs more starts again with an empty cache.
 */
export const STATE_CACHE_BYTES = { perInstruction: 512, least: 16 * 1024, most: 256 * 1024 };

/**
 * A subscription's matches are budgeted if its regular expressions have so many instructions, or
 * its filters so many selectors. Smaller ones are always fast.
 */
export const LEAST_BUDGETED = { instructions: 16, selectors: 256 };
