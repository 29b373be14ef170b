import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/whole-number.js';

export const USAGE = `Usage: npm run bench:page -- [OPTIONS]

Measures the page in Chromium over a broker of its own: the first paint of each view, the size of
its script, the live table under a stream of events, and a drag over a timeline of many runs. Times
of the main thread are processor time, which other programs on the machine do not change much.

  --seconds S   how long events stream (default 60)
  --rate N      events per second of the stream (default 5000)
  --runs N      runs of the timeline (default 100000)
`;

export interface PageBenchOptions {
  readonly seconds: number;
  readonly rate: number;
  readonly runs: number;
}

/**
 * Parses the command line. Returns undefined for a request for help.
 *
 * @throws Error that says what was expected
 */
export function parseOptions(args: readonly string[]): PageBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      rate: { type: 'string', default: '5000' },
      runs: { type: 'string', default: '100000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    seconds: wholeNumber('--seconds', values.seconds, 6, 3600),
    rate: wholeNumber('--rate', values.rate, 50, 50_000),
    runs: wholeNumber('--runs', values.runs, 1, 1_000_000),
  };
}
