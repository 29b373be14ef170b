import { expect } from 'chai';
import { open } from 'lmdb';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejection } from '../../../../../conformance/store/store-under-test.js';
import { fillDirectory, freshDirectory } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';

const TEXTS = Array.from({ length: 200 }, (_, i) => `event number ${i + 1} of this history`);

describe('lmdb store: a damaged entry', () => {
  let other: StoreProcess;
  // Before the directory is removed, since the store may still write.
  afterEach(() => other.call('close'));
  const directory = freshDirectory();

  before(async () => {
    other = await StoreProcess.start();
  });
  after(() => other.kill());
  beforeEach(() => fillDirectory(directory(), TEXTS));

  /** Flips a bit in every copy of an entry in the data file. */
  async function damage(offset: number): Promise<void> {
    const path = join(directory(), 'data.mdb');
    const bytes = await readFile(path);
    const text = TEXTS[offset - 1]!;
    let found = 0;
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1), found++) {
      bytes[at + 3]! ^= 0x10;
    }
    expect(found).at.least(1);
    await writeFile(path, bytes);
  }

  it('is named by the error of a read, and all other entries stay readable', async () => {
    await damage(50);
    await other.call('open', directory());
    for (const [after, entries] of [
      [49, 1],
      [0, 200],
      [40, 10],
    ] as const) {
      const text = await rejection(other.call('read', after, entries), 'DATA_LOSS');
      expect(text).contain('entry 50 is damaged');
    }
    expect(await other.call('read', 0, 49)).deep.equal(TEXTS.slice(0, 49));
    expect(await other.call('read', 50, 1000)).deep.equal(TEXTS.slice(50));
  });

  for (const offset of [1, TEXTS.length]) {
    it(`at offset ${offset} does not prevent opening and appending`, async () => {
      await damage(offset);
      await other.call('open', directory());
      await rejection(other.call('read', offset - 1, 1), 'DATA_LOSS');
      expect(await other.call('last')).equal(TEXTS.length);
      expect(await other.call('append', 'next')).equal(TEXTS.length + 1);
      expect(await other.call('read', TEXTS.length, 1)).deep.equal(['next']);
    });
  }

  it('is named by the error of a read even when its block is missing', async () => {
    await other.call('open', directory());
    const root = open({ path: directory(), noSubdir: false });
    const table = root.openDB<Buffer, number>({ name: 'entries', encoding: 'binary' });
    const firsts = [...table.getKeys()];
    // Removes the second and the last of several blocks.
    const [second, third, last] = [firsts[1]!, firsts[2]!, firsts.at(-1)!];
    expect(last).above(third);
    for (const block of [second, last]) await table.remove(block);
    await root.close();
    for (const [after, entries, lost] of [
      [0, 1000, second],
      [second - 1, 1, second],
      [second + 3, 1, second + 4],
      [last - 3, 3, last],
      [199, 1000, 200],
    ] as const) {
      const text = await rejection(other.call('read', after, entries), 'DATA_LOSS');
      expect(text).contain(`entry ${lost} is damaged`);
    }
    expect(await other.call('read', 0, second - 1)).deep.equal(TEXTS.slice(0, second - 1));
    const between = await other.call('read', third - 1, last - third);
    expect(between).deep.equal(TEXTS.slice(third - 1, last - 1));
    const text = await rejection(other.call('readContainer', 0, 1000), 'DATA_LOSS');
    expect(text).contain(`entry ${second}`);
  });

  it('makes its whole block unreadable when the header of the block is damaged', async () => {
    const root = open({ path: directory(), noSubdir: false });
    const table = root.openDB<Buffer, number>({ name: 'entries', encoding: 'binary' });
    const [, second, third] = [...table.getKeys()] as [number, number, number];
    const block = table.get(second)!;
    block[20]! ^= 0x10;
    await table.put(second, block);
    await root.close();
    await other.call('open', directory());
    for (const [after, lost] of [
      [0, second],
      [second + 5, second + 6],
    ] as const) {
      const text = await rejection(other.call('read', after, 1000), 'DATA_LOSS');
      expect(text).contain(`entry ${lost} is damaged`);
    }
    expect(await other.call('read', 0, second - 1)).deep.equal(TEXTS.slice(0, second - 1));
    expect(await other.call('read', third - 1, 1000)).deep.equal(TEXTS.slice(third - 1));
    expect(await other.call('trim', { entries: 10 })).equal(190 - (third - second));
    expect(await other.call('read', 190, 1000)).deep.equal(TEXTS.slice(190));
  });

  it('is named by the error of a read in the scope of its container', async () => {
    await damage(50);
    await other.call('open', directory());
    const text = await rejection(other.call('readContainer', 0, 1000), 'DATA_LOSS');
    expect(text).contain('entry 50 is damaged');
    expect(await other.call('readContainer', 50, 1000)).deep.equal(TEXTS.slice(50));
  });
});
