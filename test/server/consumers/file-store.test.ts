import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeConsumerStore } from '../../../conformance/consumers/index.js';
import { floorAt, LONG_MS, SETTINGS } from '../../../conformance/consumers/consumers-under-test.js';
import type { ConsumerStore } from '../../../server/consumers/consumer-store.js';
import { openConsumerFile } from '../../../server/consumers/file/file-store.js';
import { kill } from './killed-store.js';

const frame = { describe, it, beforeEach, afterEach };
const clock = { uptime: () => performance.now(), date: () => Date.now() };

function openAt(path: string, warnings: string[] = [], boot = 'boot'): Promise<ConsumerStore> {
  const warn = (text: string): void => void warnings.push(text);
  return openConsumerFile(path, clock, { last: 100, boot, warn });
}

for (const power of ['kept', 'cut'] as const) {
  describeConsumerStore(frame, {
    name: `file, with the power ${power} in a crash`,
    persistent: true,
    makeLocation: () => {
      let boot = 'boot 1';
      const directory = mkdtempSync(join(tmpdir(), 'foghorn-consumers-'));
      const path = join(directory, 'consumers');
      return Promise.resolve({
        open: () => openAt(path, [], boot),
        async crash(store) {
          await kill(store, path);
          if (power === 'cut') boot = 'boot 2';
        },
        remove: () => {
          rmSync(directory, { recursive: true });
          return Promise.resolve();
        },
      });
    },
  });
}

describe('the file of a consumer store', () => {
  let directory: string;
  let path: string;
  let generation: number;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-consumers-'));
    path = join(directory, 'consumers');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  /** Leaves a log of a killed process, which has acknowledged the events 1 to 5. */
  async function killed(): Promise<void> {
    const store = await openAt(path);
    const consumer = { name: 'a', owner: '', settings: SETTINGS, floor: floorAt(0) };
    ({ generation } = await store.create(consumer));
    for (const id of [1, 2, 3, 4, 5]) await acknowledge(store, id);
    await kill(store, path);
  }

  async function acknowledge(store: ConsumerStore, id: number): Promise<void> {
    const lease = { id, key: `${id}`, member: 'm' };
    await store.claim('a', generation, [lease], 1000);
    await store.settle('a', generation, [{ ...lease, attempt: 1, kind: 'ack' }]);
  }

  async function settledOf(store: ConsumerStore): Promise<readonly number[]> {
    return (await store.get('a'))!.settled;
  }

  it('ignores a change that was being written', async () => {
    await killed();
    appendFileSync(path, '12345678 {"name":"a","change":{"sett');
    const warnings: string[] = [];
    const store = await openAt(path, warnings);
    expect(await settledOf(store)).deep.equal([1, 2, 3, 4, 5]);
    expect(warnings).deep.equal([]);
    await acknowledge(store, 101);
    await store.close();
    const again = await openAt(path);
    expect(await settledOf(again)).deep.equal([1, 2, 3, 4, 5, 101]);
    await again.close();
  });

  it('lets an event be claimed soon again while it is being given back', async () => {
    const store = await openAt(path);
    const consumer = { name: 'a', owner: '', settings: SETTINGS, floor: floorAt(0) };
    ({ generation } = await store.create(consumer));
    const lease = { id: 1, key: '1', member: 'm' };
    await store.claim('a', generation, [lease], LONG_MS);
    const released = store.settle('a', generation, [{ ...lease, attempt: 1, kind: 'release' }]);
    const [meanwhile] = await store.claim('a', generation, [{ ...lease, member: 'n' }], LONG_MS);
    expect(meanwhile?.kind).equal('blocked');
    expect((meanwhile as { ms: number }).ms).below(LONG_MS / 100);
    await released;
    const [after] = await store.claim('a', generation, [{ ...lease, member: 'n' }], LONG_MS);
    expect(after).deep.equal({ kind: 'granted', attempt: 1 });
    await store.close();
  });

  it('is used up to damage, which is reported, and a copy is kept', async () => {
    await killed();
    const lines = readFileSync(path, 'utf8').split('\n');
    const damaged = lines.map((line, at) => (at === 4 ? line.replace('settled', 'sEttled') : line));
    writeFileSync(path, damaged.join('\n'));
    const warnings: string[] = [];
    const store = await openAt(path, warnings);
    expect(await settledOf(store)).deep.equal([1, 2]);
    expect(warnings).length(1);
    expect(readFileSync(`${path}.damaged`, 'utf8')).equal(damaged.join('\n'));
    await store.close();
  });

  it('opens where leases cannot be stored, and removes those of the process before', async () => {
    await killed();
    mkdirSync(`${path}.leases.new`);
    const warnings: string[] = [];
    const store = await openAt(path, warnings);
    expect(warnings).length(1);
    expect(warnings[0]).match(/^the leases could not be stored in .*\.leases: EISDIR/);
    expect(existsSync(`${path}.leases`)).equal(false);
    await acknowledge(store, 101);
    expect(await settledOf(store)).deep.equal([1, 2, 3, 4, 5, 101]);
    await store.close();
  });

  it('stays small while it is written', async () => {
    const store = await openAt(path);
    const consumer = { name: 'a', owner: '', settings: SETTINGS, floor: floorAt(0) };
    ({ generation } = await store.create(consumer));
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 50; i++) await store.update('a', { paused: `${text}${i}` });
    expect(statSync(path).size).below(2_000_000);
    await store.close();
    const again = await openAt(path);
    expect((await again.get('a'))?.paused).equal(`${text}49`);
    await again.close();
  });
});
