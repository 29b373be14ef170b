import { join } from 'node:path';
import { canTrace } from './faults/kill-point.js';
import { Random } from './random.js';
import type { TortureOptions } from './options.js';
import type { RoundSettings } from './round.js';

/**
 * Approximate length of a round in seconds: dozens of faults, and records that can be validated in
 * memory.
 */
const ROUND_SECONDS = 30;

type Kind = (random: Random) => Pick<RoundSettings, 'retention'> & { storeFaults: boolean };

/** Differences between rounds: retention and faults of the store. */
const KINDS: readonly Kind[] = [
  () => ({ retention: [], storeFaults: false }),
  (random) => ({ retention: tight(random), storeFaults: false }),
  () => ({ retention: [], storeFaults: true }),
  (random) => ({ retention: tight(random), storeFaults: true }),
];

/** Plans the rounds that fill the time; the same seed gives the same rounds. */
export function planRounds(
  { store, seconds, seed }: Pick<TortureOptions, 'store' | 'seconds' | 'seed'>,
  directory: string,
): RoundSettings[] {
  const random = new Random(seed);
  const count = Math.max(1, Math.round(seconds / ROUND_SECONDS));
  const killPoints = canTrace();
  return Array.from({ length: count }, (_, index) => {
    const { retention, storeFaults } = KINDS[index % KINDS.length]!(random);
    return {
      seed: random.seed(),
      seconds: Math.ceil(seconds / count),
      directory: join(directory, `round-${index + 1}`),
      faults: { store, killPoints, storeFaults },
      retention,
    };
  });
}

/** Retention that trims all the time, except for exits. */
function tight(random: Random): string[] {
  const limit = random.pick([
    ['--retain-count', `${random.between(200, 2000)}`],
    ['--retain-bytes', `${random.between(50, 400)}KiB`],
    ['--retain-age', `${random.between(1, 4)}s`],
  ]);
  return [...limit, '--retain-exits', '1h'];
}
