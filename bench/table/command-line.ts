import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchOptions } from '../rows/options.js';
import { requireBuilt } from '../support/checkout.js';
import { wholeNumber } from '../support/whole-number.js';

export const USAGE = `Usage: npm run bench -- [OPTIONS]

Measures Foghorn beside its alternatives, or beside an older build of itself. Every contender runs in
processes of its own, alternating by round. Prints a Markdown table; a complete run also writes it, with
all figures as JSON and curves as SVG. See bench/README.md for how each row is measured.

  --rounds N      rounds of each contender in each row (default 3)
  --seconds S     measured seconds of a round, for work without an end (default 3)
  --warm-up S     seconds before the measured ones (default 1)
  --scale X       factor of the number of events, for work with an end; 0.001 to 10 (default 1)
  --rows NAMES    rows and curves, separated by commas; fan-out stands for fan-out-10 and fan-out-100
                  (default all; --rows help lists them)
  --beside DIR    measure the broker built in another checkout instead of the peers; rows only
  --out DIR       directory for table.md, results.json and curves (default bench/results)
  --json FILE     file for the JSON, instead of results.json
  --profile DIR   directory for CPU profiles of our own processes
`;

export interface CommandLine {
  readonly options: BenchOptions;
  /** Names of rows and curves; empty for all. */
  readonly only: readonly string[];
  /** Another checkout to compare with instead of the peers. */
  readonly beside: string | undefined;
  /** Directory for the results; undefined to write none. */
  readonly out: string | undefined;
  /** File for the figures; undefined to write none. */
  readonly json: string | undefined;
}

const DEFAULT_OUT = resolve(import.meta.dirname, '../results');

/**
 * Parses the command line. Returns undefined for a request for help.
 *
 * @throws Error that says what was expected
 */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      'warm-up': { type: 'string', default: '1' },
      scale: { type: 'string', default: '1' },
      rows: { type: 'string', default: '' },
      beside: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const options: BenchOptions = {
    rounds: wholeNumber('--rounds', values.rounds, 1, 1000),
    seconds: wholeNumber('--seconds', values.seconds, 1, 3600),
    warmUp: wholeNumber('--warm-up', values['warm-up'], 0, 3600),
    scale: scaleOf(values.scale),
    profile: values.profile,
    checkout: undefined,
  };
  const only = values.rows === '' ? [] : values.rows.split(',');
  const beside = values.beside === undefined ? undefined : resolve(values.beside);
  if (beside !== undefined) requireBuilt(beside);
  const isComplete = only.length === 0 && options.scale === 1 && beside === undefined;
  const out = values.out ?? (isComplete ? DEFAULT_OUT : undefined);
  const json = values.json ?? (out === undefined ? undefined : join(out, 'results.json'));
  return { options, only, beside, out, json };
}

function scaleOf(text: string): number {
  const scale = Number(text);
  if (scale >= 0.001 && scale <= 10) return scale;
  throw new Error(`--scale ${text}: expected a number from 0.001 to 10`);
}
