import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { builtProgram } from '../../test/support/processes/build.js';
import { StoreChild } from '../damage/store-child.js';
import type { Random } from '../random.js';
import { drawFault, faultText, underFault } from './disk-fault.js';
import { checkAfter, type Acknowledged } from './owed-entries.js';
import { liveAndDie, type Life } from './writer.js';

/** Outcomes of runs on a disk that fails. */
export interface DiskCounts {
  runs: number;
  /** Runs in which a call has failed. */
  hit: number;
  readonly ends: Record<Life['end'], number>;
  acknowledged: number;
  rejected: number;
  violations: number;
}

/** A store lives through so many faults before a new one is begun. */
const LIVES_OF_STORE = 15;
const MAX_WORK_MS = 700;
const PROGRESS_RUNS = 50;

/** One store after the other, each with a life of its writer for every fault. */
export async function diskRounds(
  directory: string,
  runs: number,
  random: Random,
): Promise<DiskCounts> {
  const ends = { killed: 0, refused: 0, failed: 0, died: 0, crashed: 0, wedged: 0 };
  const counts: DiskCounts = { runs, hit: 0, ends, acknowledged: 0, rejected: 0, violations: 0 };
  const program = await builtProgram('torture/failing-disk/writer-program');
  const inspector = await StoreChild.start();
  const store = join(directory, 'store');
  let owed: Acknowledged = new Map();
  for (let run = 0; run < runs; run++) {
    if (run % LIVES_OF_STORE === 0) {
      rmSync(store, { recursive: true, force: true });
      mkdirSync(store);
      owed = new Map();
    }
    const fault = drawFault(random);
    const trace = join(directory, 'trace');
    const writer = [process.execPath, program, store, `${run}`, `${random.seed()}`];
    const command = [...underFault(fault, store, trace), ...writer];
    const life = await liveAndDie(command, random.between(0, MAX_WORK_MS));
    if (readFileSync(trace, 'latin1').includes('(INJECTED)')) counts.hit += 1;
    count(counts, life);
    const what = `run ${run}, ${faultText(fault)}, ${life.end}`;
    if (life.end === 'died') console.log(`${what}: ${life.reason}`);
    const problems = life.end === 'crashed' || life.end === 'wedged' ? [life.reason] : [];
    for (const offset of life.acknowledged) owed.set(offset, undefined);
    // A copy leaves the log to the next life; the store itself is left with empty ones.
    const isCopied = random.chance(0.5);
    const inspected = isCopied ? join(directory, 'copy') : store;
    if (isCopied) copyStore(store, inspected);
    problems.push(...checkAfter(owed, await inspector.inspect(inspected), `${run}-`));
    for (const problem of problems) console.log(`VIOLATION ${what}: ${problem}`);
    counts.violations += problems.length;
    if ((run + 1) % PROGRESS_RUNS === 0) {
      console.log(`${run + 1} runs of a store, ${counts.violations} violations`);
    }
  }
  await inspector.kill();
  return counts;
}

function count(counts: DiskCounts, { end, acknowledged, rejected }: Life): void {
  counts.ends[end] += 1;
  counts.acknowledged += acknowledged.length;
  counts.rejected += rejected;
}

/** Copies the files of a store that are not of a process. */
function copyStore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  const isOfProcess = (path: string): boolean => /\.sock$|lock\.mdb$/.test(path);
  cpSync(from, to, { recursive: true, filter: (path) => !isOfProcess(path) });
}
