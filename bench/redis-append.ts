import { batches, plainClient, publisher } from './redis-append/contenders.js';
import { parseOptions, USAGE, type RedisBenchOptions } from './redis-append/options.js';
import { redisVersion } from './redis-append/redis-version.js';
import { json, table, type Result } from './redis-append/report.js';
import { machineLine } from './support/machine.js';
import { runInTurn } from './support/rounds.js';

const BASE_IN_FLIGHT = 512;
const MANY_IN_FLIGHT = 4096;
const EVENTS_PER_BATCH = 512;
const BATCHES_IN_FLIGHT = 8;

async function main(options: RedisBenchOptions): Promise<void> {
  const machine = machineLine(`Redis ${await redisVersion()}`);
  const contenders = [
    plainClient(options, BASE_IN_FLIGHT),
    batches(options, EVENTS_PER_BATCH, BATCHES_IN_FLIGHT),
    publisher(options, BASE_IN_FLIGHT),
    publisher(options, MANY_IN_FLIGHT),
  ];
  const rounds = await runInTurn(contenders, options.rounds, (line) => {
    process.stderr.write(`${line}\n`);
  });
  const results: Result[] = contenders.map(({ name }, i) => ({ name, rounds: rounds[i] ?? [] }));
  console.log(`${machine}\n\n${table(results)}`);
  if (options.json) console.log(JSON.stringify({ machine, options, results: json(results) }));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await main(options);
  else console.log(USAGE);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
