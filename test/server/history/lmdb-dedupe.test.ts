import { expect } from 'chai';
import { LmdbStore } from '../../../server/history/lmdb/lmdb-store.js';
import {
  DEDUPE_WINDOW,
  envelope,
  KEEP_ALL,
  placesOf,
  settingsOf,
} from './conformance/store-under-test.js';
import { expectConsistentTables } from './lmdb-tables.js';
import { freshDirectory } from './store-directory.js';

describe('lmdb store: dedupe records', () => {
  const directory = freshDirectory();
  let now = 0n;
  let store: LmdbStore;

  beforeEach(async () => {
    store = await LmdbStore.open(
      directory(),
      settingsOf(() => now),
    );
  });
  afterEach(() => store.close());

  async function append(...keys: (string | undefined)[]): Promise<number[]> {
    const appended = await store.append(
      keys.map((dedupeKey) => envelope('event', dedupeKey === undefined ? {} : { dedupeKey })),
    );
    return placesOf(appended);
  }

  async function recordsLeft(): Promise<number> {
    await store.close();
    return expectConsistentTables(directory());
  }

  it('go as others come, so that hardly more than the window is there', async () => {
    for (let i = 0; i < 200; i++) await append(`a${i}`, `b${i}`);
    expect(await recordsLeft()).within(DEDUPE_WINDOW.entries, DEDUPE_WINDOW.entries + 4);
  });

  it('are one for each key, also when it is stored again before its record was removed', async () => {
    // More in one commit than the next ones take away.
    await append(...Array.from({ length: 50 }, (_, i) => `${i}`));
    expect(await append('30')).deep.equal([51]);
    expect(await append('30')).deep.equal([51]);
    expect(await append('20', '20')).deep.equal([52, 52]);
    expect(await recordsLeft()).equal(46);
  });

  it('stay in step when a key is stored again in the commit that removes its record', async () => {
    await append('again', 'other');
    await append(...Array<undefined>(DEDUPE_WINDOW.entries + 1).fill(undefined));
    expect(await append('again')).deep.equal([14]);
    expect(await append('again')).deep.equal([14]);
    expect(await recordsLeft()).equal(1);
  });

  it('go in steps of trimming where nothing is appended that has a key', async () => {
    await append(...Array.from({ length: 3000 }, (_, i) => `${i}`));
    now += DEDUPE_WINDOW.age + 1n;
    await append(undefined);
    let steps = 0;
    for (let done = false; !done; steps++) ({ done } = await store.trim(KEEP_ALL));
    expect(steps).above(1);
    expect(await append('0')).deep.equal([3002]);
    expect(await recordsLeft()).equal(1);
  });

  it('cost nothing for what has no key', async () => {
    await append(undefined, undefined);
    expect(await recordsLeft()).equal(0);
  });
});
