import { FOGHORN } from '../servers/foghorn.js';
import { checkoutName } from '../support/checkout.js';
import { rows } from './index.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row } from './row.js';

/** A change of a median within this fraction counts as none. */
const TOLERANCE = 0.05;

/**
 * All rows with two builds of the broker as contenders instead of Foghorn and its peers: this
 * checkout's, and that of another one, which has been built there. Loads are always this
 * checkout's.
 */
export function rowsBeside(options: BenchOptions, checkout: string): readonly Row[] {
  const others = rows({ ...options, checkout });
  const name = checkoutName(checkout);
  return rows(options).flatMap((row, index) => {
    const ours = brokerOf(row);
    const theirs = others[index] && brokerOf(others[index]);
    if (ours === undefined || theirs === undefined) return [];
    return [
      {
        ...row,
        contenders: [
          { ...ours, name: FOGHORN.name },
          { ...theirs, name, version: '' },
        ],
        targets: [{ kind: 'ratio', peer: name, ...limits(row) } as const],
      },
    ];
  });
}

/** The contender that a row is about: the first one. */
function brokerOf({ contenders: [first] }: Row): Contender | undefined {
  return first;
}

function limits({ better }: Row): { readonly reach: number; readonly stretch: number } {
  return { reach: better === 'more' ? 1 - TOLERANCE : 1 + TOLERANCE, stretch: 1 };
}
