import { expect } from 'chai';
import { randomInt } from 'node:crypto';
import { textsOf } from './conformance/store-under-test.js';
import { freshDirectory, openIn } from './store-directory.js';
import { StoreProcess } from './store-process.js';

const ROUNDS = 10;
const CALLERS = 50;
const MOST_ACKNOWLEDGED = 2000;

describe('lmdb store: killed at any moment', () => {
  const directory = freshDirectory();

  it('has every entry that was acknowledged, and no hole', async () => {
    const acknowledged = new Map<number, string>();
    let last = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const [offset, text] of await appendUntilKilled(directory())) {
        expect(offset).above(last);
        expect(acknowledged.has(offset), `offset ${offset} acknowledged twice`).false;
        acknowledged.set(offset, text);
      }
      last = await checkHistory(acknowledged);
    }
  }).timeout(60_000);

  async function checkHistory(acknowledged: ReadonlyMap<number, string>): Promise<number> {
    const store = await openIn(directory());
    const entries = await store.read(0, { entries: Infinity, bytes: Infinity });
    expect(entries.map(({ offset }) => offset)).deep.equal(entries.map((_, i) => i + 1));
    const texts = textsOf(entries);
    for (const [offset, text] of acknowledged) expect(texts[offset - 1]).equal(text);
    let filed = 0;
    for await (const key of store.keys('default')) {
      filed += (await store.read(0, { entries: Infinity, bytes: Infinity }, key)).length;
    }
    expect(filed).equal(entries.length);
    await store.close();
    return entries.length;
  }
});

/** Gives what a process acknowledged before it was killed. */
async function appendUntilKilled(directory: string): Promise<StoreProcess['acknowledged']> {
  const process = await StoreProcess.start();
  await process.call('open', directory);
  const end = process.call('appendForever', CALLERS).catch(() => undefined);
  await process.acknowledgedAtLeast(randomInt(1, MOST_ACKNOWLEDGED));
  await process.kill();
  await end;
  return process.acknowledged;
}
