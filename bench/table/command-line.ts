import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Options } from '../rows/options.js';
import { wholeNumber } from '../support/whole-number.js';

export const USAGE = `Usage: npm run bench -- [OPTIONS]

Measures Foghorn beside what people would pick instead, each in processes of its own, in turn: prints a
Markdown table, and writes it with its figures as JSON and its curves as SVG. bench/README.md says what is
measured how. A run of some rows only, or of another scale, writes nothing unless it is told where.

  --rounds N      of each contender in each row (default 3)
  --seconds S     measured in a round, of what could go on for ever (default 3)
  --warm-up S     before that (default 1)
  --scale X       times as many events, of what has an end; 0.001 to 10 (default 1)
  --rows NAMES    of rows and curves, with commas between (default all; --rows help lists them)
  --out DIR       where table.md, results.json and the curves go (default bench/results)
  --json FILE     where the JSON goes instead
  --profile DIR   where each of our own processes leaves a CPU profile
`;

export interface CommandLine {
  readonly options: Options;
  /** Names of rows and curves; empty for all. */
  readonly only: readonly string[];
  /** Undefined for nowhere. */
  readonly out: string | undefined;
  readonly json: string | undefined;
}

const OUT = resolve(import.meta.dirname, '../results');

/**
 * Undefined when help was asked for.
 *
 * @throws Error that says what was expected.
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
      out: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const options: Options = {
    rounds: wholeNumber('--rounds', values.rounds, 1, 1000),
    seconds: wholeNumber('--seconds', values.seconds, 1, 3600),
    warmUp: wholeNumber('--warm-up', values['warm-up'], 0, 3600),
    scale: scaleOf(values.scale),
    profile: values.profile,
  };
  const only = values.rows === '' ? [] : values.rows.split(',');
  const isWhole = only.length === 0 && options.scale === 1;
  const out = values.out ?? (isWhole ? OUT : undefined);
  const json = values.json ?? (out === undefined ? undefined : join(out, 'results.json'));
  return { options, only, out, json };
}

function scaleOf(text: string): number {
  const scale = Number(text);
  if (scale >= 0.001 && scale <= 10) return scale;
  throw new Error(`--scale ${text}: expected a number from 0.001 to 10`);
}
