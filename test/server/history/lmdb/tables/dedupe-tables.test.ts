import { expect } from 'chai';
import { LmdbStore } from '../../../../../server/history/lmdb/lmdb-store.js';
import {
  DEDUPE_WINDOW,
  envelope,
  KEEP_ALL,
  appendedOffsets,
  settingsOf,
} from '../../../../../conformance/store/store-under-test.js';
import { expectConsistentTables } from '../consistent-tables.js';
import { freshDirectory } from '../store-directory.js';

describe('lmdb store: dedupe tables', () => {
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
    return appendedOffsets(appended);
  }

  async function recordsLeft(): Promise<number> {
    await store.close();
    return expectConsistentTables(directory());
  }

  /** Checkpoints all entries. */
  async function checkpoint(): Promise<void> {
    await store.trim(KEEP_ALL);
  }

  it('hold hardly more than twice the dedupe window', async () => {
    for (let i = 0; i < 200; i++) {
      await append(`a${i}`, `b${i}`);
      await checkpoint();
    }
    const { entries } = DEDUPE_WINDOW;
    expect(await recordsLeft()).within(entries, 2 * (entries + 4));
  });

  it('drop keys that are older than the window', async () => {
    for (let i = 0; i < 4; i++) {
      await append(`a${i}`, `b${i}`);
      await checkpoint();
      now += DEDUPE_WINDOW.age + 1n;
    }
    expect(await recordsLeft()).within(2, 4);
  });

  it('hold one position for each key, also after it is stored again', async () => {
    await append(...Array.from({ length: 50 }, (_, i) => `${i}`));
    expect(await append('30')).deep.equal([51]);
    expect(await append('30')).deep.equal([51]);
    expect(await append('20', '20')).deep.equal([52, 52]);
    expect(await recordsLeft()).equal(50);
  });

  it('give the newest position of a key, whichever table it is in, also after reopening', async () => {
    let newest = 0;
    for (let i = 0; i < 30; i++) {
      [newest] = (await append('again')) as [number];
      await checkpoint();
      expect(await append('again')).deep.equal([newest]);
      await append(...Array<undefined>(i % DEDUPE_WINDOW.entries).fill(undefined));
      expect(await append('again')).deep.equal([newest]);
      await store.close();
      store = await LmdbStore.open(
        directory(),
        settingsOf(() => now),
      );
      expect(await append('again')).deep.equal([newest]);
      await append(...Array<undefined>(DEDUPE_WINDOW.entries + 1).fill(undefined));
      await checkpoint();
    }
    expect(newest).above(300);
  });

  it('hold nothing for entries without a key', async () => {
    await append(undefined, undefined);
    expect(await recordsLeft()).equal(0);
  });
});
