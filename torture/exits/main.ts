import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { Random } from '../random.js';
import { Daemons } from './daemons.js';
import { keepEvidence } from './evidence.js';
import type { Life } from './life.js';
import { Living } from './live.js';
import { parseOptions } from './options.js';
import { Round, type RoundRecord } from './round.js';
import { errorLines, faultLine, tableLines, type JudgedWait } from './table.js';
import { readTruth } from './truth.js';
import { judge } from './verdict.js';

const { rounds, seconds, seed, first, keep, isInFront } = parseOptions(process.argv.slice(2));
const directory = keep ?? mkdtempSync(join(tmpdir(), 'foghorn-exits-'));
const truths = join(directory, 'truths');
mkdirSync(truths, { recursive: true });
console.log(`seed ${seed}, evidence in ${directory}`);

const cleanup = new Cleanup();
const judged: JudgedWait[] = [];
const records: RoundRecord[] = [];

/** A wait may concern a container of an earlier round. */
function judgeRound({ waits }: RoundRecord): JudgedWait[] {
  const shimsKilledAt = records.flatMap((record) => record.shimsKilledAt);
  return waits.map((wait) => {
    return { wait, verdict: judge(wait, readTruth(truths, wait.life.name), shimsKilledAt) };
  });
}

async function playRound(daemons: Daemons, number: number): Promise<boolean> {
  const random = new Random(seed + number);
  const living = new Living(daemons, truths);
  const earlier: Life[] = records.flatMap(({ lives }) => lives);
  const begun = performance.now();
  const record = await new Round(daemons, living, random, `${number}`, earlier).play();
  records.push(record);
  const results = judgeRound(record);
  judged.push(...results);
  const bad = results.filter(({ verdict }) => verdict === 'wrong' || verdict === 'hanging');
  const killed = record.faults.map(({ targets }) => targets.join('+')).join(', ');
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`round ${number}: ${results.length} waits, ${bad.length} bad, ${took} s, ${killed}`);
  if (bad.length === 0) return true;
  for (const { wait, verdict } of bad) {
    console.log(`  ${verdict}: ${wait.way} of ${wait.life.kind} ${wait.life.name}: ${wait.answer}`);
  }
  await keepEvidence(join(directory, `round-${number}`), truths, daemons, record, bad);
  return false;
}

let holds = true;
try {
  const daemons = await Daemons.start(cleanup, isInFront);
  const end = performance.now() + seconds * 1000;
  for (let number = first; number < first + rounds && performance.now() < end; number++) {
    holds = (await playRound(daemons, number)) && holds;
  }
} catch (error) {
  console.error(error);
  holds = false;
} finally {
  await cleanup.run();
}
console.log(`\n${records.length} rounds, ${faultLine(records.flatMap(({ faults }) => faults))}`);
for (const line of [...tableLines(judged), ...errorLines(judged)]) console.log(line);
if (holds && keep === undefined) rmSync(directory, { recursive: true });
process.exitCode = holds ? 0 : 1;
