import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../random.js';
import { damageRounds, type DamageCounts } from './damage-rounds.js';
import { cutFile, flipBit, type Fault } from './faults.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 32)}` },
    only: { type: 'string' },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const random = new Random(seed);
const directory = mkdtempSync(join(tmpdir(), 'foghorn-damage-'));
console.log(`runs ${runs}, seed ${seed}`);

async function damage(name: string, rounds: number, fault: Fault): Promise<boolean> {
  if (values.only !== undefined && values.only !== name) return true;
  const work = mkdtempSync(join(directory, `${name}-`));
  const counts = await damageRounds(work, rounds, fault, random);
  console.log(line(name, counts));
  for (const violation of counts.violations) console.log(`  VIOLATION ${violation}`);
  return counts.violations.length === 0;
}

function line(name: string, counts: DamageCounts): string {
  const { rounds, exact, reported, reportedEntries, refused, died } = counts;
  return (
    `${name}: ${rounds} rounds, ${exact} exact, ${reported} reported (${reportedEntries} entries), ` +
    `${refused} refused with a reason, ${died} with a death before, ${counts.violations.length} violations`
  );
}

const holds = [
  await damage('flips', 2 * runs, flipBit),
  await damage('cuts', Math.ceil(0.6 * runs), cutFile),
].every(Boolean);
rmSync(directory, { recursive: true });
process.exitCode = holds ? 0 : 1;
