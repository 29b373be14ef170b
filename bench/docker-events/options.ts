import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/whole-number.js';

export const USAGE = `Usage: npm run bench:docker -- [OPTIONS]

Measures a crowd of clients that follow Docker's event stream, of \`foghorn serve\` over its embedded store
and of a real dockerd, with the same filters and events. The two alternate, and each round has processes of
its own. dockerd needs root, and the packages docker.io, containerd, runc and busybox-static.

  --rounds N      rounds of each (default 3)
  --seconds S     measured seconds of each round (default 5)
  --warm-up S     seconds before the measured ones (default 1)
  --clients N     clients in the crowd (default 1000)
  --events N      events of the replay, and for a client that reads nothing (default 100000)
  --limit S       seconds after which no more of those are made (default 30)
  --only NAMES    scenarios, separated by commas: accept, own-cost, delay, fan-out, memory, replay
  --profile DIR   directory for CPU profiles of the Node processes
  --json          also print one line of JSON
`;

export interface DockerBenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly clients: number;
  readonly events: number;
  readonly limit: number;
  /** Names of scenarios; empty for all. */
  readonly only: readonly string[];
  readonly profile: string | undefined;
  readonly json: boolean;
}

/**
 * Parses the command line. Returns undefined for a request for help.
 *
 * @throws Error that says what was expected
 */
export function parseOptions(args: readonly string[]): DockerBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '1' },
      clients: { type: 'string', default: '1000' },
      events: { type: 'string', default: '100000' },
      limit: { type: 'string', default: '30' },
      only: { type: 'string', default: '' },
      profile: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    rounds: wholeNumber('--rounds', values.rounds, 1, 1000),
    seconds: wholeNumber('--seconds', values.seconds, 1, 3600),
    warmUp: wholeNumber('--warm-up', values['warm-up'], 0, 3600),
    clients: wholeNumber('--clients', values.clients, 10, 20_000),
    events: wholeNumber('--events', values.events, 1000, 100_000_000),
    limit: wholeNumber('--limit', values.limit, 1, 3600),
    only: values.only === '' ? [] : values.only.split(','),
    profile: values.profile,
    json: values.json,
  };
}
