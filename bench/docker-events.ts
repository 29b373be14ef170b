import { engine, engineVersion } from './docker-events/engine.js';
import { foghorn } from './docker-events/foghorn.js';
import { parseOptions, USAGE, type DockerBenchOptions } from './docker-events/options.js';
import { json, section, type Result } from './docker-events/report.js';
import type { Scenario } from './docker-events/scenario.js';
import { scenarios } from './docker-events/scenarios.js';
import { machineLine } from './support/machine.js';
import { runInTurn } from './support/rounds.js';

async function main(options: DockerBenchOptions): Promise<void> {
  const peer = await engine(options);
  const chosen = scenarios(options, foghorn(options), peer);
  const machine = machineLine(engineVersion(peer));
  console.log(machine);
  const reports: object[] = [];
  for (const scenario of chosen) {
    const results = await run(scenario, options);
    console.log(`\n${section(scenario, results)}`);
    reports.push(json(scenario, results));
  }
  if (options.json) console.log(JSON.stringify({ machine, options, results: reports }));
}

async function run({ name, rows }: Scenario, options: DockerBenchOptions): Promise<Result[]> {
  const present = rows.filter(({ kind }) => kind.missing === undefined);
  const contenders = present.map((row) => ({
    name: `${name}: ${row.kind.name}, ${row.what}`,
    run: () => row.run(),
  }));
  const rounds = await runInTurn(contenders, options.rounds, (line) => {
    process.stderr.write(`${line}\n`);
  });
  return rows.map((row) => ({ row, rounds: rounds[present.indexOf(row)] ?? [] }));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await main(options);
  else console.log(USAGE);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
