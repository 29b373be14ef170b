import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VALIDATORS } from './validators/validators.js';
import { evidenceOf } from './validators/evidence.js';
import { loadRecords } from './records/load-records.js';
import { faultCounts } from './fault-counts.js';
import { parseOptions } from './options.js';
import { reportLines } from './report.js';
import { planRounds } from './round-settings.js';
import { runRound } from './round.js';
import type { RoundSettings } from './round.js';

/** Runs a round and validates its records. Resolves with whether every validator passes. */
async function playRound(settings: RoundSettings): Promise<boolean> {
  const { directory, retention, seconds } = settings;
  console.log(`round: ${seconds} s of faults, retention: ${retention.join(' ') || 'default'}`);
  await runRound(settings);
  const records = loadRecords(directory);
  console.log(`  faults           ${faultCounts(records.broker)}`);
  const evidence = evidenceOf(records);
  const verdicts = VALIDATORS.map((validate) => validate(evidence));
  console.log(reportLines(verdicts, directory).join('\n'));
  return verdicts.every(({ violations }) => violations.length === 0);
}

const { store, seconds, seed, keep } = parseOptions(process.argv.slice(2));
const directory = keep ?? mkdtempSync(join(tmpdir(), 'foghorn-torture-'));
console.log(`store ${store}, seed ${seed}, records in ${directory}`);
let holds = true;
try {
  for (const round of planRounds({ store, seconds, seed }, directory)) {
    holds = (await playRound(round)) && holds;
  }
} catch (error) {
  console.error(error);
  holds = false;
}
if (holds && keep === undefined) rmSync(directory, { recursive: true });
console.log(
  holds ? 'every validator passes' : `a validator failed: see the records in ${directory}`,
);
process.exitCode = holds ? 0 : 1;
