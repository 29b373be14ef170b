import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../random.js';
import { diskRounds, type DiskCounts } from './disk-rounds.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 32)}` },
    // Stores that are written beside each other.
    jobs: { type: 'string', default: '2' },
  },
});
const runs = Number(values.runs);
const jobs = Number(values.jobs);
const random = new Random(Number(values.seed));
console.log(`runs ${runs}, seed ${values.seed}`);
const directory = mkdtempSync(join(tmpdir(), 'foghorn-disk-'));
const all = await Promise.all(
  Array.from({ length: jobs }, (_, job) => {
    const work = join(directory, `${job}`);
    mkdirSync(work);
    return diskRounds(work, Math.ceil(runs / jobs), new Random(random.seed()));
  }),
);
rmSync(directory, { recursive: true });

const sum = (of: (counts: DiskCounts) => number): number =>
  all.reduce((total, counts) => total + of(counts), 0);
const rows: [string, number][] = [
  ['runs', sum(({ runs: each }) => each)],
  ['runs with a call that failed', sum(({ hit }) => hit)],
  ['killed while it worked', sum(({ ends }) => ends.killed)],
  ['ended because the store had failed', sum(({ ends }) => ends.failed)],
  ['refused to open the store meanwhile', sum(({ ends }) => ends.refused)],
  ['died of a signal within LMDB', sum(({ ends }) => ends.died)],
  ['ended by an exception', sum(({ ends }) => ends.crashed)],
  ['wedged', sum(({ ends }) => ends.wedged)],
  ['appends that were rejected', sum(({ rejected }) => rejected)],
  ['entries acknowledged', sum(({ acknowledged }) => acknowledged)],
  ['violations', sum(({ violations }) => violations)],
];
for (const [what, number] of rows) console.log(`| ${what} | ${number} |`);
process.exitCode = sum(({ violations }) => violations) === 0 ? 0 : 1;
