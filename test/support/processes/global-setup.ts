import { shareBuild } from './build.js';

/** Compiles the programs that tests start before the test files run beside each other. */
export const mochaGlobalSetup = shareBuild;
