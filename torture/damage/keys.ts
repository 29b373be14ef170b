/** The keys of the entries, in turn. */
export const KEYS = Array.from({ length: 23 }, (_, i) => `default\0container-${i}`);
