import { expect } from 'chai';
import { range } from '../../support/history-seed.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import type { RedisStore } from '../../../server/history/redis/redis-store.js';
import { ANSWER_MS } from '../../../server/history/redis/client.js';
import { appendTexts, openStore } from './stores.js';

const LIMIT = { entries: 100, bytes: 1024 * 1024 };

describe('a store of a process that was stopped for longer than Redis has for an answer', () => {
  let redis: RedisServer;
  let store: RedisStore;

  before(async () => {
    redis = await RedisServer.start();
    store = await openStore(redis.url);
  });
  after(async () => {
    await store.close();
    await redis.stop();
  });

  it('reads on, although its connection counts as dead', async () => {
    const texts = range(1, 20).map(String);
    await appendTexts(store, ...texts);
    const others = Promise.all(range(1, 20).map(() => store.bounds()));
    const read = Promise.all([store.read(0, LIMIT), store.bounds(), store.offsetAt(0n)]);
    // The commands are on their way.
    await new Promise(setImmediate);
    stop(ANSWER_MS + 500);
    const [found, { last }] = await read;
    expect(found.kind === 'entries' && found.entries.map(({ offset }) => offset)).to.deep.equal(
      range(1, 20),
    );
    expect(last).to.equal(20);
    expect((await others).every((bounds) => bounds.last === 20)).to.equal(true);
  });
});

/** Stops everything in this thread. */
function stop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
