import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../../protocol/clock.js';
import {
  ALL,
  entriesOf,
  envelope,
  KEEP_ALL,
  offsetsOf,
  settingsOf,
} from '../../../conformance/store/store-under-test.js';
import { RedisStore } from '../../../server/history/redis/redis-store.js';
import { withPrefix } from '../../support/redis/redis-location.js';
import { RedisServer } from '../../support/redis/redis-server.js';

const SECOND = 1_000_000_000n;
const DAY = 24n * 3600n * SECOND;
const WINDOW = { entries: 1000, age: DAY };
const AGES = { ...KEEP_ALL, age: 7n * DAY, lastingAge: 30n * DAY };

describe('brokers with a wrong clock, on one Redis', () => {
  let server: RedisServer;
  let url: string;
  let stores: RedisStore[];
  let warnings: string[];

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.stop());
  beforeEach(() => {
    url = withPrefix(server.url, randomBytes(6).toString('hex'));
    stores = [];
    warnings = [];
  });
  afterEach(() => Promise.all(stores.map((store) => store.close())));

  /** Opens a store whose clock differs by some time. */
  async function open(difference: bigint): Promise<RedisStore> {
    const store = await RedisStore.open(
      url,
      settingsOf(() => systemClock() + difference, WINDOW),
      { allowEviction: false, warn: (text) => warnings.push(text), clockTolerance: 24 * 3600 },
    );
    stores.push(store);
    return store;
  }

  for (const [name, difference] of [
    ['40 days ahead', 40n * DAY],
    ['40 days behind', -40n * DAY],
    ['in 2099', 27_000n * DAY],
  ] as const) {
    it(`${name} store with the time of Redis, remove nothing, and warn once`, async () => {
      const [right, wrong] = [await open(0n), await open(difference)];
      const entry = (text: string) => envelope(text, { retention: 'lasting', dedupeKey: text });
      await right.append([entry('one')]);
      for (const text of ['two', 'three']) await wrong.append([entry(text)]);
      const [again] = await wrong.append([entry('two')]);
      expect(again).include({ offset: 2, duplicate: true });
      await wrong.trim(AGES);
      const entries = entriesOf(await right.read(0, ALL));
      expect(offsetsOf(entries)).deep.equal([1, 2, 3]);
      for (const { storedAt } of entries) {
        expect(Number((systemClock() - storedAt) / SECOND)).within(0, 30);
      }
      expect(await wrong.offsetAt(systemClock() + DAY)).equal(4);
      expect(warnings).length(1);
      expect(warnings[0]).match(/^the clock of this broker differs from that of Redis/);
    });
  }

  it('are not corrected within a day', async () => {
    const store = await open(-20n * 3600n * SECOND);
    await store.append([envelope('one')]);
    const { lastStoredAt } = await store.bounds();
    expect(Number((systemClock() - lastStoredAt) / SECOND)).within(20 * 3600, 20 * 3600 + 30);
    expect(warnings).deep.equal([]);
  });
});
