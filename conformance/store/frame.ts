/**
 * The functions of a test framework that the suite is written with. Mocha, Vitest, Jest and
 * `node:test` have them. Tests of large histories take some seconds, so allow 30 s for each.
 */
export interface TestFrame {
  readonly describe: (name: string, define: () => void) => void;
  readonly it: (name: string, test: () => void | Promise<void>) => void;
  readonly beforeEach: (hook: () => Promise<void>) => void;
  readonly afterEach: (hook: () => Promise<void>) => void;
}
