import { expect } from 'chai';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../../../protocol/errors.js';
import { envelope, KEEP_ALL } from '../../../../../conformance/store/store-under-test.js';
import { expectConsistentTables } from '../consistent-tables.js';
import { CONTAINER, freshDirectory, openIn } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';

const PAGE = 4096;

/**
 * LMDB's file may end before its last pages when they are unused, but a truncated file must not be
 * opened. The store is opened in another process, because a page beyond the file's end kills it.
 */
describe('lmdb store: a data file that is too short', () => {
  const directory = freshDirectory();
  let other: StoreProcess;

  before(async () => {
    other = await StoreProcess.start();
  });
  after(() => other.kill());

  const dataFile = (): string => join(directory(), 'data.mdb');

  /**
   * Creates a history with many pages, large values, kept exits and a container with its own tree.
   */
  async function fill(): Promise<void> {
    const store = await openIn(directory());
    const small = envelope('small', { key: CONTAINER });
    for (let call = 0; call < 20; call++) {
      // Large values of the first calls are kept as exits; the others leave free pages behind.
      const largeAt = call < 5 ? 0 : 5;
      const envelopes = Array.from({ length: 100 }, (_, i) => {
        const retention = i % 10 === 0 ? ('lasting' as const) : ('ordinary' as const);
        const options = { key: CONTAINER, retention, dedupeKey: `${call}/${i}` };
        return envelope(`${call}.${i} `.padEnd(i % 50 === largeAt ? 9000 : 100, 'x'), options);
      });
      await store.append(envelopes);
    }
    await store.trim({ ...KEEP_ALL, entries: 1200 });
    // Too large for any free range, so it goes to the end of the file, which becomes free with it.
    await store.append([envelope('large'.padEnd(60_000, 'x'))]);
    for (let i = 0; i < 5; i++) await store.append(Array.from({ length: 80 }, () => small));
    await store.trim({ ...KEEP_ALL, entries: 400 });
    await store.close();
  }

  /** Truncates the file; returns whether the store opens. */
  async function opensAfterCut(bytes: Buffer, size: number): Promise<boolean> {
    const cut = bytes.subarray(0, size);
    await writeFile(dataFile(), cut);
    // The data file is an older one now, and the seal would report what was appended since.
    await rm(join(directory(), 'journal-seal'), { force: true });
    try {
      await other.call('open', directory());
      return true;
    } catch (error) {
      expect(error, `cut to ${size}`).instanceOf(FoghornError);
      const { code, message } = error as FoghornError;
      expect(code).equal('FAILED_PRECONDITION');
      expect(message).match(/data\.mdb was cut off|first pages are damaged/);
      expect(Buffer.compare(await readFile(dataFile()), cut)).equal(0);
      return false;
    }
  }

  it('is opened exactly when no page in use was cut off', async () => {
    await fill();
    const bytes = await readFile(dataFile());
    await other.call('open', directory());
    const first = await other.call('first');
    const entries = await other.call('read', first - 1, 10_000);
    const exits = await other.call('readLasting');
    const last = await other.call('last');
    await other.call('close');

    const cuts = Array.from({ length: bytes.length / PAGE }, (_, i) => i * PAGE);
    const opened: number[] = [];
    for (const cut of [bytes.length, bytes.length - 1, ...cuts.reverse()]) {
      if (!(await opensAfterCut(bytes, cut))) continue;
      opened.push(cut);
      expect(await other.call('read', first - 1, 10_000)).deep.equal(entries);
      expect(await other.call('readLasting')).deep.equal(exits);
      expect(await other.call('append', 'x'.repeat(100_000))).equal(last + 1);
      await other.call('close');
      await expectConsistentTables(directory());
    }
    expect(opened[0]).equal(bytes.length);
    expect(opened)
      .length.above(1)
      .below(cuts.length / 2);
    // Once a page in use is missing, every shorter file lacks it, too.
    const shortest = opened.at(-1)!;
    expect(cuts.filter((cut) => cut >= shortest && !opened.includes(cut))).deep.equal([]);
  }).timeout(60_000);
});
