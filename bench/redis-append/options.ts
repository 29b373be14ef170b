import { parseArgs } from 'node:util';
import { wholeNumber } from '../support/whole-number.js';

export const USAGE = `Usage: npm run bench:redis -- [OPTIONS]

Measures events stored through \`foghorn serve\` over a Redis with appendfsync everysec, by the client
library and by History.Append, beside one plain ioredis client with 512 XADDs in flight. Contenders
alternate; each round has processes and a Redis of its own, and fails unless Redis holds exactly the
acknowledged events in the end.

  --rounds N      rounds of each (default 3)
  --seconds S     measured seconds of each round (default 2)
  --warm-up S     seconds before the measured ones (default 1)
  --bytes N       payload size of an event, 200 to 16000 (default 300)
  --containers N  number of containers that the events are about (default 100)
  --store KIND    store of the broker: redis, lmdb or memory (default redis)
  --profile DIR   directory for CPU profiles of the Node processes
  --json          also print one line of JSON
`;

export const STORES = ['redis', 'lmdb', 'memory'] as const;

export interface RedisBenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly bytes: number;
  readonly containers: number;
  readonly store: (typeof STORES)[number];
  readonly profile: string | undefined;
  readonly json: boolean;
}

/**
 * Parses the command line. Returns undefined for a request for help.
 *
 * @throws Error that says what was expected
 */
export function parseOptions(args: readonly string[]): RedisBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      'warm-up': { type: 'string', default: '1' },
      bytes: { type: 'string', default: '300' },
      containers: { type: 'string', default: '100' },
      store: { type: 'string', default: 'redis' },
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
    bytes: wholeNumber('--bytes', values.bytes, 200, 16_000),
    containers: wholeNumber('--containers', values.containers, 1, 1_000_000),
    store: storeKind(values.store),
    profile: values.profile,
    json: values.json,
  };
}

function storeKind(text: string): RedisBenchOptions['store'] {
  const store = STORES.find((known) => known === text);
  if (store !== undefined) return store;
  throw new Error(`--store ${text}: expected ${STORES.join(', ')}`);
}
