import type { Random } from '../random.js';
import { BROKER_KILL_POINTS, REDIS_KILL_POINTS } from './kill-point.js';
import type { BrokerKillPoint, RedisKillPoint } from './kill-point.js';

/** A fault to inject. Brokers and clients are given as numbers modulo their count. */
export type Fault =
  | { readonly kind: 'kill broker'; readonly broker: number; readonly downMs: number }
  | { readonly kind: 'halt broker'; readonly broker: number; readonly forMs: number }
  | { readonly kind: 'restart broker'; readonly broker: number; readonly downMs: number }
  | { readonly kind: 'kill client'; readonly client: number; readonly downMs: number }
  | { readonly kind: 'halt client'; readonly client: number; readonly forMs: number }
  | { readonly kind: 'crowd'; readonly readers: number; readonly seed: number }
  | StoreFault;

/** Faults that depend on the store. */
export type StoreFault =
  | { readonly kind: 'kill broker at'; readonly point: BrokerKillPoint; readonly calls: number }
  | { readonly kind: 'kill redis'; readonly downMs: number }
  | { readonly kind: 'halt redis'; readonly forMs: number }
  | { readonly kind: 'kill redis at'; readonly point: RedisKillPoint; readonly calls: number }
  /** Kills brokers and Redis together, as when their machine goes down. */
  | { readonly kind: 'kill all'; readonly downMs: number }
  | { readonly kind: 'copy store' }
  | { readonly kind: 'put copy back' }
  | { readonly kind: 'wipe store' };

export interface ScheduledFault {
  /** Milliseconds after the end of the previous fault. */
  readonly pauseMs: number;
  readonly fault: Fault;
}

/** Stores that can be tested. */
export const STORES = ['lmdb', 'redis'] as const;
export type StoreKind = (typeof STORES)[number];

/** Faults that a round may have beside the common ones. */
export interface FaultKinds {
  readonly store: StoreKind;
  /** Whether processes can be killed at points on an event's way. */
  readonly killPoints: boolean;
  /** Whether the store is copied, restored and wiped. */
  readonly storeFaults: boolean;
}

type Maker = (random: Random) => Fault;

const OFTEN: readonly Maker[] = [
  (random) => ({ ...anyBroker(random), kind: 'kill broker', downMs: random.between(0, 1500) }),
  (random) => ({ ...anyBroker(random), kind: 'kill broker', downMs: 0 }),
  (random) => ({ ...anyBroker(random), kind: 'halt broker', forMs: random.between(100, 4000) }),
  (random) => ({ ...anyBroker(random), kind: 'restart broker', downMs: random.between(0, 800) }),
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

const OF_REDIS: readonly Maker[] = [
  (random) => ({ kind: 'kill redis', downMs: random.between(0, 4000) }),
  () => ({ kind: 'kill redis', downMs: 0 }),
  (random) => ({ kind: 'halt redis', forMs: random.between(100, 8000) }),
  (random) => ({ kind: 'kill all', downMs: random.between(0, 1500) }),
];

const AT_KILL_POINTS: Record<StoreKind, readonly Maker[]> = {
  lmdb: Array<Maker>(2).fill((random) => ({
    kind: 'kill broker at',
    point: random.pick(Object.keys(BROKER_KILL_POINTS) as BrokerKillPoint[]),
    calls: random.between(2, 60),
  })),
  redis: Array<Maker>(2).fill((random) => ({
    kind: 'kill redis at',
    point: random.pick(Object.keys(REDIS_KILL_POINTS) as RedisKillPoint[]),
    calls: random.between(2, 60),
  })),
};

const OF_STORE: readonly Maker[] = [
  ...Array<Maker>(2).fill(() => ({ kind: 'copy store' })),
  ...Array<Maker>(6).fill(() => ({ kind: 'put copy back' })),
];

/** An embedded store is wiped while its broker is stopped; a Redis while brokers use it. */
const WIPES: Record<StoreKind, number> = { lmdb: 1, redis: 3 };

/** Yields faults without end; the same random numbers give the same faults. */
export function* schedule(
  random: Random,
  { store, killPoints, storeFaults }: FaultKinds,
): Generator<ScheduledFault, never> {
  const makers = [
    ...OFTEN,
    ...(store === 'redis' ? OF_REDIS : []),
    ...(killPoints ? AT_KILL_POINTS[store] : []),
    ...(storeFaults ? [...OF_STORE, ...wipes(store)] : []),
  ];
  let copied = false;
  for (;;) {
    const pauseMs = random.between(300, 2500);
    const picked = random.pick(makers)(random);
    // Nothing can be restored before the first copy.
    const fault: Fault =
      picked.kind === 'put copy back' && !copied ? { kind: 'copy store' } : picked;
    copied ||= fault.kind === 'copy store';
    yield { pauseMs, fault };
  }
}

function anyBroker(random: Random): { broker: number } {
  return { broker: random.between(0, 999) };
}

function wipes(store: StoreKind): Maker[] {
  return Array<Maker>(WIPES[store]).fill(() => ({ kind: 'wipe store' }));
}
