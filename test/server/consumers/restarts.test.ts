import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { floorAt, SETTINGS } from '../../../conformance/consumers/consumers-under-test.js';
import type { ConsumerStore } from '../../../server/consumers/consumer-store.js';
import { openConsumerFile } from '../../../server/consumers/file/file-store.js';
import { eventually } from '../../support/eventually.js';
import { kill } from './killed-store.js';

const ACK_WAIT_MS = 30_000;

describe('a consumer whose broker is killed again and again', () => {
  let directory: string;
  let path: string;
  let store: ConsumerStore;
  let generation: number;
  let now: number;
  let boot: string;
  const clock = { uptime: () => now, date: () => now };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-restarts-'));
    path = join(directory, 'consumers');
    now = 1000;
    boot = 'boot 1';
    await open();
    const settings = { ...SETTINGS, ackWaitMs: ACK_WAIT_MS };
    const consumer = { name: 'a', owner: '', settings, floor: floorAt(0) };
    ({ generation } = await store.create(consumer));
  });

  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  async function open(): Promise<void> {
    store = await openConsumerFile(path, clock, { last: 100, boot, warn: () => undefined });
  }

  async function restart(afterMs: number): Promise<void> {
    await kill(store, path);
    now += afterMs;
    await open();
  }

  /** The kind of answer, or the attempt of a granted delivery. */
  async function claim(id: number, member: string): Promise<string | number> {
    const claims = [{ id, key: `key of ${id}`, member }];
    const [answer] = await store.claim('a', generation, claims, ACK_WAIT_MS);
    return answer?.kind === 'granted' ? answer.attempt : answer!.kind;
  }

  async function heldBack(): Promise<[events: number, ms: number] | undefined> {
    const held = (await store.get('a'))!.heldBack;
    return held && [held.events, held.ms];
  }

  it('holds back only what was with a member, and for no longer than its lease', async () => {
    await store.attach('a', generation, 'gone', []);
    expect(await claim(1, 'gone')).equal(1);
    for (const left of [20_000, 10_000]) {
      await restart(10_000);
      expect(await heldBack()).deep.equal([1, left]);
      expect(await claim(1, 'other')).equal('blocked');
      // Reserved before, but never with a member.
      expect(await claim(2 + left, 'other')).equal(1);
      const lease = { id: 2 + left, key: `key of ${2 + left}`, member: 'other', attempt: 1 };
      await store.settle('a', generation, [{ ...lease, kind: 'ack' }]);
    }
    await restart(10_000);
    expect(await heldBack()).equal(undefined);
    expect(await claim(1, 'other')).equal(2);
  });

  it('releases at once what its member has not got when that comes back', async () => {
    await store.attach('a', generation, 'one', []);
    for (const id of [1, 2]) await claim(id, 'one');
    await restart(1000);
    await store.attach('a', generation, 'one', [2]);
    expect(await heldBack()).equal(undefined);
    expect(await claim(1, 'other')).equal(1);
    expect(await claim(2, 'other')).equal('blocked');
  });

  it('awaits a member after a power cut that claimed while it was being forgotten', async () => {
    await store.attach('a', generation, 'one', []);
    await claim(1, 'one');
    now += ACK_WAIT_MS;
    const [, attempt] = await Promise.all([
      store.attach('a', generation, 'two', []),
      claim(1, 'one'),
    ]);
    expect(attempt).a('number');
    boot = 'boot 2';
    await restart(1000);
    await store.attach('a', generation, 'two', []);
    expect(await claim(1, 'two')).equal('blocked');
  });

  it('forgets leases whose events were answered, given back, or reset', async () => {
    await store.attach('a', generation, 'one', []);
    for (const id of [1, 2, 3]) await claim(id, 'one');
    const lease = (id: number) => ({ id, key: `key of ${id}`, member: 'one', attempt: 1 });
    const settlements = [
      { ...lease(1), kind: 'ack' },
      { ...lease(2), kind: 'retry', delayMs: 0, reason: 'no' },
      { ...lease(3), kind: 'release' },
    ] as const;
    await store.settle('a', generation, settlements);
    // The end of a lease is written behind the answer.
    await eventually(() => readFileSync(`${path}.leases`, 'utf8').includes('"freed"'));
    await restart(1000);
    expect(await heldBack()).equal(undefined);
    expect([await claim(2, 'other'), await claim(3, 'other')]).deep.equal([2, 1]);
    ({ generation } = await store.reset('a', floorAt(0)));
    await restart(1000);
    expect(await heldBack()).equal(undefined);
    expect(await claim(3, 'third')).equal(1);
  });

  it('holds back all that was reserved after a power cut, until the known members are back', async () => {
    await store.attach('a', generation, 'dead for long', []);
    now += ACK_WAIT_MS;
    await store.attach('a', generation, 'one', []);
    await claim(1, 'one');
    boot = 'boot 2';
    await restart(1000);
    expect(await heldBack()).deep.equal([100, ACK_WAIT_MS]);
    expect(await claim(7, 'other')).equal('blocked');
    // The next process knows of the hold, too.
    await restart(10_000);
    expect(await heldBack()).deep.equal([100, ACK_WAIT_MS - 10_000]);
    expect(await claim(7, 'other')).equal('blocked');
    await store.attach('a', generation, 'one', [1]);
    expect(await claim(7, 'other')).equal(1);
    expect(await claim(1, 'other')).equal('blocked');
  });

  it('holds back all that was reserved when the leases are damaged', async () => {
    await store.attach('a', generation, 'one', []);
    await claim(1, 'one');
    await restart(1000);
    truncateSync(`${path}.leases`, 5);
    await restart(1000);
    expect(await claim(7, 'other')).equal('blocked');
  });
});
