import { expect } from 'chai';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { envelope } from '../../../../../conformance/store/store-under-test.js';
import { freshDirectory, openIn } from '../store-directory.js';

const PAGE = 4096;
/** Positions in a meta page: two trees of 48 bytes each, the last page, and the transaction. */
const TREES = [48, 96];
const LAST_PAGE = 144;
const TRANSACTION = 152;

/** The meta page of a file without a transaction. */
function emptied(meta: Buffer): Buffer {
  const empty = Buffer.from(meta);
  for (const tree of TREES) {
    empty.fill(0, tree + 6, tree + 40);
    empty.fill(0xff, tree + 40, tree + 48);
  }
  empty.writeBigUInt64LE(1n, LAST_PAGE);
  empty.writeBigUInt64LE(0n, TRANSACTION);
  return empty;
}

describe('lmdb store: a data file whose first transaction has failed', () => {
  const directory = freshDirectory();

  it('is opened, although LMDB has left the trees of that transaction behind', async () => {
    await (await openIn(directory())).close();
    const path = join(directory(), 'data.mdb');
    const file = await readFile(path);
    const [first, second] = [file.subarray(0, PAGE), file.subarray(PAGE, 2 * PAGE)];
    const age = first.readBigUInt64LE(TRANSACTION) - second.readBigUInt64LE(TRANSACTION);
    const abandoned = Buffer.from(age > 0n ? first : second);
    // When the write of a meta page fails, LMDB puts back the number of the transaction alone.
    abandoned.writeBigUInt64LE(0n, TRANSACTION);
    // That is before anything else is written.
    for (const name of await readdir(directory())) await rm(join(directory(), name));
    await writeFile(path, Buffer.concat([emptied(first), abandoned, file.subarray(2 * PAGE)]));
    const store = await openIn(directory());
    await store.append([envelope('first')]);
    expect((await store.bounds()).last).to.equal(1);
    await store.close();
  });
});
