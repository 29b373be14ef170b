import { join } from 'node:path';
import { canTrace } from './faults/kill-point.js';
import { Random } from './random.js';
import type { Options } from './options.js';
import type { RoundSettings } from './round.js';

/** About how long a round is, in seconds: long enough for dozens of faults, short enough for its records to be checked. */
const ROUND_SECONDS = 30;

type Kind = (random: Random) => Pick<RoundSettings, 'retention'> & { storeFaults: boolean };

/** What rounds differ in: whether something is trimmed all the time, and what happens to the store. */
const KINDS: readonly Kind[] = [
  () => ({ retention: [], storeFaults: false }),
  (random) => ({ retention: tight(random), storeFaults: false }),
  () => ({ retention: [], storeFaults: true }),
  (random) => ({ retention: tight(random), storeFaults: true }),
];

/** The rounds that fill the time; the same for the same seed. */
export function planRounds(
  { store, seconds, seed }: Pick<Options, 'store' | 'seconds' | 'seed'>,
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

/** Keeps so little that trimming never rests, but for exits. */
function tight(random: Random): string[] {
  const limit = random.pick([
    ['--retain-count', `${random.between(200, 2000)}`],
    ['--retain-bytes', `${random.between(50, 400)}KiB`],
    ['--retain-age', `${random.between(1, 4)}s`],
  ]);
  return [...limit, '--retain-exits', '1h'];
}
