import type { Random } from '../random.js';
import { KILL_POINTS } from './kill-point.js';
import type { KillPoint } from './kill-point.js';

/** Something to be done to a process; clients are named by a number that is taken modulo how many there are. */
export type Fault =
  | { readonly kind: 'kill broker'; readonly downMs: number }
  | { readonly kind: 'kill broker at'; readonly point: KillPoint; readonly calls: number }
  | { readonly kind: 'halt broker'; readonly forMs: number }
  | { readonly kind: 'restart broker'; readonly downMs: number }
  | { readonly kind: 'kill client'; readonly client: number; readonly downMs: number }
  | { readonly kind: 'halt client'; readonly client: number; readonly forMs: number }
  | { readonly kind: 'crowd'; readonly readers: number; readonly seed: number }
  | { readonly kind: 'copy store' }
  | { readonly kind: 'put copy back' }
  | { readonly kind: 'wipe store' };

export interface ScheduledFault {
  /** Milliseconds from the end of the fault before. */
  readonly pauseMs: number;
  readonly fault: Fault;
}

/** Which faults there may be beside those that every round has. */
export interface FaultKinds {
  /** The broker can be killed at points on the way of an event. */
  readonly killPoints: boolean;
  /** The store is copied, put back and wiped. */
  readonly storeFaults: boolean;
}

type Maker = (random: Random) => Fault;

const OFTEN: readonly Maker[] = [
  (random) => ({ kind: 'kill broker', downMs: random.between(0, 1500) }),
  () => ({ kind: 'kill broker', downMs: 0 }),
  (random) => ({ kind: 'halt broker', forMs: random.between(100, 4000) }),
  (random) => ({ kind: 'restart broker', downMs: random.between(0, 800) }),
  ...Array<Maker>(4).fill((random) => ({
    kind: 'kill client',
    client: random.between(0, 999),
    downMs: random.between(0, 1500),
  })),
  ...Array<Maker>(3).fill((random) => ({
    kind: 'halt client',
    client: random.between(0, 999),
    forMs: random.between(100, 4000),
  })),
  (random) => ({ kind: 'crowd', readers: random.between(50, 200), seed: random.seed() }),
];

const AT_KILL_POINTS: readonly Maker[] = Array<Maker>(2).fill((random) => ({
  kind: 'kill broker at',
  point: random.pick(Object.keys(KILL_POINTS) as KillPoint[]),
  calls: random.between(2, 60),
}));

const OF_STORE: readonly Maker[] = [
  ...Array<Maker>(2).fill(() => ({ kind: 'copy store' })),
  ...Array<Maker>(6).fill(() => ({ kind: 'put copy back' })),
  () => ({ kind: 'wipe store' }),
];

/** Faults without end, the same for the same random numbers. */
export function* schedule(
  random: Random,
  { killPoints, storeFaults }: FaultKinds,
): Generator<ScheduledFault, never> {
  const makers = [
    ...OFTEN,
    ...(killPoints ? AT_KILL_POINTS : []),
    ...(storeFaults ? OF_STORE : []),
  ];
  let copied = false;
  for (;;) {
    const pauseMs = random.between(300, 2500);
    const picked = random.pick(makers)(random);
    // There is nothing to put back before the first copy.
    const fault: Fault =
      picked.kind === 'put copy back' && !copied ? { kind: 'copy store' } : picked;
    copied ||= fault.kind === 'copy store';
    yield { pauseMs, fault };
  }
}
