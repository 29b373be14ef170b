import type { Random } from '../random.js';
import { TARGETS, type Target } from './daemons.js';

/** A kill and a restart. Times are seconds. */
export interface Fault {
  readonly targets: readonly Target[];
  /** From the end of the fault before, or the round's beginning. */
  readonly after: number;
  readonly downFor: number;
  readonly isBrokerFirst: boolean;
}

/** Draws the faults of a round: of one process, of some, or of all at once. */
export function drawFaults(random: Random): Fault[] {
  return Array.from({ length: random.between(1, 2) }, () => ({
    targets: drawTargets(random),
    after: random.between(0, 30) / 10,
    downFor: random.pick([0, 0.5, 1, 3]),
    isBrokerFirst: random.chance(0.5),
  }));
}

function drawTargets(random: Random): readonly Target[] {
  const draw = random.next();
  if (draw < 0.15) return TARGETS;
  if (draw < 0.6) return [random.pick(TARGETS)];
  const some = TARGETS.filter(() => random.chance(0.4));
  return some.length > 0 ? some : ['broker'];
}
