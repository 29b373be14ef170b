import { expect } from 'chai';
import { open } from 'lmdb';
import type { Damage } from '../../../../../server/history/store.js';
import { damageText, fillDirectory, freshDirectory } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';

const TEXTS = Array.from({ length: 200 }, (_, i) => `event number ${i + 1} of this history`);

function damaged(from: number, to = from): Damage {
  return { kind: 'damaged', from, to };
}

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

  function damage(offset: number): Promise<void> {
    return damageText(directory(), TEXTS[offset - 1]!);
  }

  it('is reported by a read, and all other entries stay readable', async () => {
    await damage(50);
    await other.call('open', directory());
    expect(await other.call('read', 49, 1)).deep.equal(damaged(50));
    expect(await other.call('read', 0, 200)).deep.equal(TEXTS.slice(0, 49));
    expect(await other.call('read', 40, 10)).deep.equal(TEXTS.slice(40, 49));
    expect(await other.call('read', 0, 49)).deep.equal(TEXTS.slice(0, 49));
    expect(await other.call('read', 50, 1000)).deep.equal(TEXTS.slice(50));
  });

  for (const offset of [1, TEXTS.length]) {
    it(`at offset ${offset} does not prevent opening and appending`, async () => {
      await damage(offset);
      await other.call('open', directory());
      expect(await other.call('read', offset - 1, 1)).deep.equal(damaged(offset));
      expect(await other.call('last')).equal(TEXTS.length);
      expect(await other.call('append', 'next')).equal(TEXTS.length + 1);
      expect(await other.call('read', TEXTS.length, 1)).deep.equal(['next']);
    });
  }

  it('is reported by a read even when its block is missing', async () => {
    await other.call('open', directory());
    const root = open({ path: directory(), noSubdir: false });
    const table = root.openDB<Buffer, number>({ name: 'entries', encoding: 'binary' });
    const firsts = [...table.getKeys()];
    // Removes the second and the last of several blocks.
    const [second, third, last] = [firsts[1]!, firsts[2]!, firsts.at(-1)!];
    expect(last).above(third);
    for (const block of [second, last]) await table.remove(block);
    await root.close();
    for (const [after, entries, from, to] of [
      [second - 1, 1, second, third - 1],
      [second + 3, 1, second + 4, third - 1],
      [last - 1, 3, last, 200],
      [199, 1000, 200, 200],
    ] as const) {
      expect(await other.call('read', after, entries)).deep.equal(damaged(from, to));
    }
    expect(await other.call('read', 0, 1000)).deep.equal(TEXTS.slice(0, second - 1));
    expect(await other.call('read', last - 3, 3)).deep.equal(TEXTS.slice(last - 3, last - 1));
    expect(await other.call('read', 0, second - 1)).deep.equal(TEXTS.slice(0, second - 1));
    const between = await other.call('read', third - 1, last - third);
    expect(between).deep.equal(TEXTS.slice(third - 1, last - 1));
    const ofContainer = await other.call('readContainer', second - 1, 1000);
    expect(ofContainer).deep.equal(damaged(second, third - 1));
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
    for (const lost of [second, second + 6]) {
      expect(await other.call('read', lost - 1, 1000)).deep.equal(damaged(lost, third - 1));
    }
    expect(await other.call('read', 0, second - 1)).deep.equal(TEXTS.slice(0, second - 1));
    expect(await other.call('read', third - 1, 1000)).deep.equal(TEXTS.slice(third - 1));
    expect(await other.call('trim', { entries: 10 })).equal(190 - (third - second));
    expect(await other.call('read', 190, 1000)).deep.equal(TEXTS.slice(190));
  });

  it('is reported by a read in the scope of its container', async () => {
    await damage(50);
    await other.call('open', directory());
    expect(await other.call('readContainer', 0, 1000)).deep.equal(TEXTS.slice(0, 49));
    expect(await other.call('readContainer', 49, 1000)).deep.equal(damaged(50));
    expect(await other.call('readContainer', 50, 1000)).deep.equal(TEXTS.slice(50));
  });
});
