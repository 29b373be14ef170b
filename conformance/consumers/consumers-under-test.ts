import { expect } from 'chai';
import type {
  Claim,
  ClaimAnswer,
  ConsumerSettings,
  ConsumerSnapshot,
  ConsumerStore,
  Floor,
  LeaseName,
  Settlement,
  SettleAnswer,
} from '../../server/consumers/driver.js';
import type { TestFrame } from '../store/index.js';
import type { ConsumerLocation, ConsumerStoreDriver } from './driver.js';

/** Longer than any test runs. */
export const LONG_MS = 600_000;
const EPOCH = '0123456789abcdef';

export const SETTINGS: ConsumerSettings = {
  filters: ['topic==/tasks/exit'],
  ordering: 'container',
  ackWaitMs: LONG_MS,
  maxDeliveries: 5,
  backoffMs: [100, 1000],
  maxInFlight: 1000,
  onGap: 'continue',
};

export function floorAt(offset: number): Floor {
  return { epoch: EPOCH, offset, fingerprint: offset * 7 };
}

export function eventToPark(text: string): { cursor: string; envelope: Uint8Array } {
  return { cursor: `cursor of ${text}`, envelope: Buffer.from(text) };
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
}

/** A store with one consumer, `billing`, and calls about it. */
export class ConsumersUnderTest {
  generation = 0;

  constructor(
    private readonly location: ConsumerLocation,
    public store: ConsumerStore,
  ) {}

  async create(settings: Partial<ConsumerSettings> = {}): Promise<void> {
    const consumer = {
      ...{ name: 'billing', owner: 'ann', floor: floorAt(0) },
      settings: { ...SETTINGS, ...settings },
    };
    this.generation = (await this.store.create(consumer)).generation;
  }

  async snapshot(): Promise<ConsumerSnapshot> {
    return (await this.store.get('billing'))!;
  }

  async claim(id: number, claim: Partial<Claim> & { leaseMs?: number } = {}): Promise<ClaimAnswer> {
    const { key = `key of ${id}`, member = 'one', leaseMs = LONG_MS } = claim;
    const claims = [{ id, key, member }];
    return (await this.store.claim('billing', this.generation, claims, leaseMs))[0]!;
  }

  /** Claims an event until it is granted; returns its lease. */
  async lease(id: number, claim: Partial<Claim> & { leaseMs?: number } = {}): Promise<LeaseName> {
    const { key = `key of ${id}`, member = 'one' } = claim;
    for (;;) {
      const answer = await this.claim(id, claim);
      if (answer.kind === 'granted') return { id, key, member, attempt: answer.attempt };
      expect(answer.kind).equal('blocked');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async settle(settlement: Settlement, floor?: Floor): Promise<SettleAnswer> {
    return (await this.store.settle('billing', this.generation, [settlement], floor))[0]!;
  }

  async ack(lease: LeaseName, floor?: Floor): Promise<SettleAnswer> {
    return this.settle({ ...lease, kind: 'ack' }, floor);
  }

  async park(lease: LeaseName, reason = 'it fails'): Promise<SettleAnswer> {
    return this.settle({ ...lease, kind: 'park', reason, event: eventToPark(`${lease.id}`) });
  }

  async extend(lease: LeaseName, leaseMs = LONG_MS): Promise<boolean> {
    return (await this.store.extend('billing', this.generation, [lease], leaseMs))[0]!;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await this.location.open();
  }

  async crash(): Promise<void> {
    await this.location.crash(this.store);
    this.store = await this.location.open();
  }
}

/** Gives each test a store without consumers. */
export function freshStore(
  { beforeEach, afterEach }: TestFrame,
  driver: ConsumerStoreDriver,
): () => ConsumersUnderTest {
  let location: ConsumerLocation | undefined;
  let fresh: ConsumersUnderTest | undefined;
  beforeEach(async () => {
    location = await driver.makeLocation();
    fresh = new ConsumersUnderTest(location, await location.open());
  });
  afterEach(async () => {
    await fresh?.store.close();
    await location?.remove();
  });
  return () => fresh!;
}
