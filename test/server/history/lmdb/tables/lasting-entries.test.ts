import { expect } from 'chai';
import {
  ALL,
  entriesOf,
  envelope,
  KEEP_ALL,
  offsetsOf,
} from '../../../../../conformance/store/store-under-test.js';
import { ENTRY_OVERHEAD } from '../../../../../server/history/store.js';
import { openTables } from '../../../../../server/history/lmdb/tables/tables.js';
import { freshDirectory, openIn } from '../store-directory.js';

const EXITS = 1200;

describe('lmdb store: the limit of bytes for lasting entries', () => {
  const directory = freshDirectory();

  it('holds for entries that were kept before there was one', async () => {
    const exits = Array.from({ length: EXITS }, () => envelope('exit', { retention: 'lasting' }));
    const size = exits[0]!.bytes.length + ENTRY_OVERHEAD;
    const store = await openIn(directory());
    await store.append([...exits, envelope('last')]);
    for (let done = false; !done;) ({ done } = await store.trim({ ...KEEP_ALL, entries: 1 }));
    await store.close();
    const { root, meta } = await openTables(directory());
    expect(Number(meta.get('exits-bytes'))).equal(EXITS * size);
    await meta.remove('exits-bytes');
    await root.close();

    const reopened = await openIn(directory());
    const retention = { ...KEEP_ALL, lastingBytes: 100 * size };
    for (let done = false; !done;) ({ done } = await reopened.trim(retention));
    const kept = offsetsOf(entriesOf(await reopened.readLasting(0, ALL)));
    expect(kept).length(100);
    expect(kept.at(-1)).equal(EXITS);
    await reopened.close();
  });
});
