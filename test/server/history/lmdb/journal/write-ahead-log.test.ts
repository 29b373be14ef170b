import { expect } from 'chai';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ALL,
  entriesOf,
  envelope,
  KEEP_ALL,
  textsOf,
} from '../../../../../conformance/store/store-under-test.js';
import { expectConsistentTables } from '../consistent-tables.js';
import { freshDirectory, openIn } from '../store-directory.js';
import { StoreInProcess } from '../store-to-kill.js';
import { describeRecoveredLog } from './recovered-log.js';

/** Enough appends to fill both segments several times. */
const MANY = 30_000;

describe('lmdb store: the write-ahead log', () => {
  describeRecoveredLog(StoreInProcess.start);

  const directory = freshDirectory();
  const file = (name: string): string => join(directory(), name);

  it('alternates between its segments while all is read, and checkpoints everything', async () => {
    const store = await openIn(directory());
    const delivered: number[] = [];
    store.tail((entries) => delivered.push(...entries.map(({ offset }) => offset)));
    const key = 'default\0web';
    const append = (i: number) => store.append([envelope(`${i}`, i % 100 === 0 ? { key } : {})]);
    let appended = 0;
    const appending = Promise.all(
      Array.from({ length: 300 }, async () => {
        while (appended < MANY) await append(++appended);
      }),
    );
    let after = 0;
    while (after < MANY) {
      const entries = entriesOf(await store.read(after, { entries: 700, bytes: Infinity }));
      expect(entries.map(({ offset }) => offset)).deep.equal(entries.map((_, i) => after + 1 + i));
      after += entries.length;
      await new Promise(setImmediate);
    }
    await appending;
    expect(delivered).deep.equal(Array.from({ length: appended }, (_, i) => i + 1));
    const ofContainer = textsOf(await store.read(0, ALL, key));
    expect(ofContainer).deep.equal(
      Array.from({ length: MANY / 100 }, (_, i) => `${(i + 1) * 100}`),
    );
    const journalBytes =
      (await stat(file('journal-0'))).size + (await stat(file('journal-1'))).size;
    expect(journalBytes)
      .above(0)
      .below(16 * 1024 * 1024);
    await store.trim(KEEP_ALL);
    expect(textsOf(await store.read(0, ALL, key))).deep.equal(ofContainer);
    await store.close();
    await expectConsistentTables(directory());
  }).timeout(60_000);
});
