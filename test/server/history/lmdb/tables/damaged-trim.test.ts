import { expect } from 'chai';
import { open, type Database } from 'lmdb';
import { Block, encodeBlock } from '../../../../../server/history/lmdb/tables/block.js';
import { CLASSIFICATION_END, mainOf } from '../../../../../conformance/store/store-under-test.js';
import { CONTAINER, fillDirectory, freshDirectory } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';

const LASTING = { key: mainOf(CONTAINER), retention: 'lasting' } as const;
const TEXTS = Array.from({ length: 200 }, (_, i) => `exit number ${i + 1}`);

describe('lmdb store: trimming damaged entries', () => {
  let other: StoreProcess;
  // Before the directory is removed, since the store may still write.
  afterEach(() => other.call('close'));
  const directory = freshDirectory();

  before(async () => {
    other = await StoreProcess.start();
  });
  after(() => other.kill());
  beforeEach(() => fillDirectory(directory(), TEXTS, LASTING));

  /** Changes the entries of the closed store, then opens it. */
  async function damage(
    change: (entries: Database<Buffer, number>) => Promise<unknown>,
  ): Promise<void> {
    const root = open({ path: directory(), noSubdir: false });
    await change(root.openDB<Buffer, number>('entries', { encoding: 'binary' }));
    await root.close();
    await other.call('open', directory());
  }

  /** Replaces the row of one entry. */
  async function damageOne(offset: number, change: (row: Buffer) => Buffer): Promise<void> {
    await damage((entries) => replaceRow(entries, offset, change));
  }

  async function replaceRow(
    entries: Database<Buffer, number>,
    offset: number,
    change: (row: Buffer) => Buffer,
  ): Promise<void> {
    const [stored] = entries.getRange({ start: offset, reverse: true, limit: 1 });
    const block = Block.decode(stored!.key, stored!.value)!;
    const rows = Array.from({ length: block.end - block.first }, (_, i) => {
      const row = Buffer.from(block.row(block.first + i));
      return block.first + i === offset ? change(row) : row;
    });
    await entries.put(block.first, encodeBlock(block.number, rows));
  }

  async function expectTrimmedWithout(lost: number): Promise<void> {
    expect(await other.call('trim', { entries: 10 })).equal(190);
    const kept = TEXTS.slice(0, 190).filter((_, i) => i + 1 !== lost);
    expect(await other.call('readLasting')).deep.equal(kept);
    expect(await other.call('readLastingOfContainer')).deep.equal(kept);
    expect(await other.call('read', 190, 100)).deep.equal(TEXTS.slice(190));
    expect(await other.call('readContainer', 190, 100)).deep.equal(TEXTS.slice(190));
  }

  for (const offset of [1, 50, 190]) {
    it(`does not keep exit ${offset} when its envelope is damaged`, async () => {
      await damageOne(offset, (row) => {
        row[row.length - 1]! ^= 0x10;
        return row;
      });
      const damage = { kind: 'damaged', from: offset, to: offset };
      expect(await other.call('read', offset - 1, 1)).deep.equal(damage);
      await expectTrimmedWithout(offset);
    });

    it(`trims entry ${offset} when its filing cannot be decoded`, async () => {
      await damageOne(offset, (row) => {
        row[row.indexOf(CLASSIFICATION_END) - 1]! ^= 0x10;
        return row;
      });
      await expectTrimmedWithout(offset);
    });

    it(`trims entry ${offset} when its row is cut short`, async () => {
      await damageOne(offset, (row) => row.subarray(0, 5));
      await expectTrimmedWithout(offset);
    });
  }

  it('trims across missing entries', async () => {
    await fillDirectory(directory(), ['one more'], { retention: 'lasting' });
    await other.call('open', directory());
    const root = open({ path: directory(), noSubdir: false });
    const entries = root.openDB<Buffer, number>('entries', { encoding: 'binary' });
    const [, second, third, fourth] = [...entries.getKeys()] as number[];
    for (const block of [second!, third!]) await entries.remove(block);
    await root.close();
    const left = 191 - (fourth! - second!);
    expect(await other.call('trim', { entries: 10 })).equal(left);
    expect(await other.call('first')).equal(192);
    expect(await other.call('readLasting')).length(left);
    expect(await other.call('readLastingOfContainer')).length(left);
  });

  it('does not trim more because damaged entries claim to be older or smaller', async () => {
    await damage(async (entries) => {
      for (let offset = 60; offset < 200; offset++) {
        // Clears storedAt and totalBytes.
        await replaceRow(entries, offset, (row) => row.fill(0, 0, 8).fill(0, 16, 24));
      }
    });
    const HOUR = 3600n * 1_000_000_000n;
    expect(await other.call('trim', { age: String(HOUR), bytes: 1_000_000 })).equal(0);
    expect(await other.call('trim', { entries: 150 })).equal(50);
    expect(await other.call('first')).equal(51);
  });
});
