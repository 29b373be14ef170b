import { parseArgs } from 'node:util';
import { STORES } from './faults/schedule.js';
import type { StoreKind } from './faults/schedule.js';

/** Options of the torture program. */
export interface TortureOptions {
  readonly store: StoreKind;
  /** Seconds of faults over all rounds. */
  readonly seconds: number;
  /** Seed for the faults and their times. */
  readonly seed: number;
  /**
   * Directory that keeps the records; undefined for one that is removed when every validator
   * passes.
   */
  readonly keep: string | undefined;
}

const LARGEST_SEED = 2 ** 32 - 1;

/** @throws Error that says what was expected */
export function parseOptions(args: readonly string[]): TortureOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: 'string', default: 'lmdb' },
      seconds: { type: 'string', default: '120' },
      seed: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const seed = values.seed ?? `${Math.floor(Math.random() * LARGEST_SEED)}`;
  return {
    store: storeKind(values.store),
    seconds: wholeNumber('--seconds', values.seconds, 1, 86_400),
    seed: wholeNumber('--seed', seed, 0, LARGEST_SEED),
    keep: values.keep,
  };
}

function storeKind(text: string): StoreKind {
  const store = STORES.find((known) => known === text);
  if (store) return store;
  throw new Error(`--store ${text}: expected ${STORES.join(' or ')}`);
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`${flag} ${text}: expected a whole number from ${least} to ${most}`);
}
