import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../random.js';
import { compare } from './compare.js';
import type { Fault } from './faults.js';
import type { Inspection } from './inspection.js';
import { Ended, StoreChild } from './store-child.js';

/** The outcomes of rounds that damage a store. */
export interface DamageCounts {
  rounds: number;
  /** Everything was as before. */
  exact: number;
  /** Entries were reported as damaged, and all others were as before. */
  reported: number;
  reportedEntries: number;
  refused: number;
  /** The process died once, and then opened the store or refused it. */
  died: number;
  violations: string[];
}

const ENTRIES = 3000;
/** Openings after which a store that still ends its process counts as a crash loop. */
const MAX_DEATHS = 2;

/** Damages copies of one store, each once, and compares what is left of them. */
export async function damageRounds(
  directory: string,
  rounds: number,
  fault: Fault,
  random: Random,
): Promise<DamageCounts> {
  const intact = join(directory, 'intact');
  mkdirSync(intact);
  const writer = await StoreChild.start();
  await writer.fill(intact, ENTRIES);
  await writer.kill();
  const inspector = new Inspector();
  const copy = join(directory, 'copy');
  copyStore(intact, copy);
  const { inspection: before } = await inspector.inspect(copy);
  if (before.kind === 'refused') throw new Error(before.reason);
  const counts: DamageCounts = {
    rounds,
    exact: 0,
    reported: 0,
    reportedEntries: 0,
    refused: 0,
    died: 0,
    violations: [],
  };
  for (let round = 0; round < rounds; round++) {
    rmSync(copy, { recursive: true });
    copyStore(intact, copy);
    const what = fault(copy, random);
    try {
      const { inspection, deaths } = await inspector.inspect(copy);
      if (deaths.length > 0) counts.died += 1;
      count(counts, before, inspection, what);
      for (const how of deaths) console.log(`  died of ${what}: ${how}`);
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      counts.violations.push(`${what}: a crash loop: ${error.message}`);
    }
  }
  await inspector.close();
  return counts;
}

/** Copies the files of a store that are not of a process. */
function copyStore(from: string, to: string): void {
  const isOfProcess = (path: string): boolean => /\.sock$|lock\.mdb$/.test(path);
  cpSync(from, to, { recursive: true, filter: (path) => !isOfProcess(path) });
}

function count(
  counts: DamageCounts,
  before: Extract<Inspection, { readonly kind: 'opened' }>,
  inspection: Inspection,
  what: string,
): void {
  if (inspection.kind === 'refused') {
    counts.refused += 1;
    console.log(`  refused for ${what}: ${inspection.reason}`);
    return;
  }
  const { reported, violations } = compare(before, inspection);
  counts.violations.push(...violations.map((violation) => `${what}: ${violation}`));
  if (violations.length > 0) return;
  if (reported > 0 || inspection.lasting.damages.length > 0) counts.reported += 1;
  else counts.exact += 1;
  counts.reportedEntries += reported;
}

/** Inspects stores in a process that is started again when it has ended. */
class Inspector {
  #child: Promise<StoreChild> | undefined;

  /** Resolves with how the process ended each time before it gave an answer. */
  async inspect(directory: string): Promise<{ inspection: Inspection; deaths: string[] }> {
    const deaths: string[] = [];
    for (;;) {
      this.#child ??= StoreChild.start();
      const child = await this.#child;
      try {
        return { inspection: await child.inspect(directory), deaths };
      } catch (error) {
        await this.close();
        if (!(error instanceof Ended) || deaths.length >= MAX_DEATHS) throw error;
        deaths.push(error.message);
      }
    }
  }

  async close(): Promise<void> {
    await (await this.#child)?.kill();
    this.#child = undefined;
  }
}
