/** Environment variable with which properties try all their cases. */
const ALL_CASES = 'FOGHORN_ALL_CASES';

/** `npm test` tries one in so many cases; each time it tries other ones. */
const REDUCTION = 4;

/**
 * Returns how many cases a property tries: all of them in `npm run test:properties`, fewer in
 * `npm test`, so that it takes little time.
 */
export function runs(all: number): { readonly numRuns: number } {
  const numRuns = process.env[ALL_CASES] === undefined ? Math.ceil(all / REDUCTION) : all;
  return { numRuns };
}
