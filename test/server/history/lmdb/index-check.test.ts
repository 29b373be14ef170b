import { expect } from 'chai';
import { open } from 'lmdb';
import {
  classify,
  envelope,
  KEEP_ALL,
  settingsOf,
  textsOf,
} from '../../../../conformance/store/store-under-test.js';
import { systemClock } from '../../../../protocol/clock.js';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import type { RetentionClass } from '../../../../server/history/store.js';
import { eventually } from '../../../support/eventually.js';
import { CONTAINER, damageText, freshDirectory } from './store-directory.js';

const ALL = { entries: 1000, bytes: Number.MAX_SAFE_INTEGER };
const TEXTS = Array.from({ length: 40 }, (_, i) => `event ${i + 1}`);

describe('lmdb store: the index of containers', () => {
  let store: LmdbStore;
  let warnings: string[];
  beforeEach(() => (warnings = []));
  // Before the directory is removed, since the store may still write.
  afterEach(() => store.close());
  const directory = freshDirectory();

  async function openStore(): Promise<void> {
    const settings = { ...settingsOf(systemClock), classify };
    const warn = (text: string): void => void warnings.push(text);
    store = await LmdbStore.open(directory(), settings, { warn });
  }

  /** Leaves a store whose entries are in the tables. */
  async function fill(texts: readonly string[], retention: RetentionClass): Promise<void> {
    await openStore();
    await store.append(texts.map((text) => envelope(text, { key: CONTAINER, retention })));
    await store.trim({ ...KEEP_ALL, entries: 10 });
    await store.close();
  }

  async function inTable(
    name: 'exits' | 'meta' | 'keys',
    change: (table: ReturnType<ReturnType<typeof open>['openDB']>) => Promise<unknown>,
  ): Promise<void> {
    const root = open({ path: directory(), noSubdir: false });
    const encodings =
      name === 'meta' ? ({ encoding: 'string' } as const) : { encoding: 'binary' as const };
    const keys = name === 'keys' ? { keyEncoding: 'binary' as const, dupSort: true } : {};
    await change(root.openDB({ name, ...encodings, ...keys }));
    await root.close();
  }

  async function ofContainer(): Promise<string[]> {
    const lasting = await store.readLasting(0, ALL, CONTAINER);
    const { first } = await store.bounds();
    return [...textsOf(lasting), ...textsOf(await store.read(first - 1, ALL, CONTAINER))];
  }

  it('is rebuilt when a flipped bit hides the entries of a container', async () => {
    await fill(TEXTS, 'ordinary');
    await damageText(directory(), Buffer.from(CONTAINER));
    await openStore();
    expect(await ofContainer()).deep.equal(TEXTS.slice(-10));
    for await (const key of store.keys('default\0')) expect(key).equal(CONTAINER);
    expect(warnings).deep.equal([
      `the index of containers in ${directory()} was damaged: it was rebuilt from the entries`,
    ]);
  });

  it('is not rebuilt when it is whole, also beside an entry that cannot be classified', async () => {
    await fill(TEXTS, 'lasting');
    await openStore();
    await store.append([envelope('{\x02')]);
    await store.close();
    await openStore();
    expect(await ofContainer()).deep.equal(TEXTS);
    expect(warnings).deep.equal([]);
  });

  it('is rebuilt again after a rebuild that was interrupted', async () => {
    await fill(TEXTS, 'lasting');
    await inTable('meta', (meta) => meta.put('rebuilding', '1'));
    await inTable('keys', (keys) => keys.clearAsync());
    await openStore();
    expect(await ofContainer()).deep.equal(TEXTS);
    expect(warnings).length(1);
    await store.close();
    await openStore();
    expect(warnings).length(1);
  });

  it('says where a damaged entry is that it has no row of any more', async () => {
    await fill(TEXTS, 'ordinary');
    await damageText(directory(), Buffer.from(CONTAINER));
    await damageText(directory(), TEXTS[34]!);
    await openStore();
    const { first } = await store.bounds();
    const before = await store.read(first - 1, ALL, CONTAINER);
    expect(textsOf(before)).deep.equal(TEXTS.slice(30, 34));
    expect(await store.read(34, ALL, CONTAINER)).deep.equal({ kind: 'damaged', from: 35, to: 35 });
    expect(textsOf(await store.read(35, ALL, CONTAINER))).deep.equal(TEXTS.slice(35));
  });

  for (const wrong of [6, 5.5, 1000, -5, 'five']) {
    it(`puts a kept exit back that damage has moved from offset 5 to ${wrong}`, async () => {
      await fill(TEXTS.slice(0, 5), 'lasting');
      await openStore();
      await store.append([envelope('other', { key: 'default\0other', retention: 'lasting' })]);
      await store.append(TEXTS.slice(5).map((text) => envelope(text, { key: CONTAINER })));
      await store.trim({ ...KEEP_ALL, entries: 10 });
      const before = textsOf(await store.readLasting(0, ALL));
      await store.close();
      if (wrong === 6) await inTable('exits', (exits) => exits.remove(6));
      await inTable('exits', async (exits) => {
        await exits.put(wrong, exits.get(5));
        await exits.remove(5);
      });
      await openStore();
      const after = textsOf(await store.readLasting(0, ALL));
      // The entry that was at offset 6 is lost.
      expect(after).deep.equal(wrong === 6 ? before.filter((text) => text !== 'other') : before);
    });
  }

  it('reports a kept exit whose key damage has made no offset, and gives the others', async () => {
    await fill(TEXTS, 'lasting');
    const root = open({ path: directory(), noSubdir: false });
    const exits = root.openDB<Buffer, Buffer>({
      ...{ name: 'exits', encoding: 'binary', keyEncoding: 'binary' },
    });
    const { key, value } = [...exits.getRange({})][4]!;
    // A longer key has the first bytes of the row, as after a flipped bit in its length.
    await exits.put(Buffer.concat([key, value.subarray(0, 8)]), value.subarray(8));
    await exits.remove(key);
    await root.close();
    await openStore();
    for (const key of [undefined, CONTAINER]) {
      expect(textsOf(await store.readLasting(0, ALL, key))).deep.equal(TEXTS.slice(0, 4));
      expect(await store.readLasting(4, ALL, key)).deep.equal({ kind: 'damaged', from: 5, to: 5 });
      expect(textsOf(await store.readLasting(5, ALL, key))).deep.equal(TEXTS.slice(5, 30));
    }
  });

  it('is rebuilt when a row of a kept exit is no offset', async () => {
    await fill(TEXTS, 'lasting');
    const root = open({ path: directory(), noSubdir: false });
    const keys = root.openDB<number, Buffer>({
      ...{ name: 'keys', encoding: 'ordered-binary', keyEncoding: 'binary', dupSort: true },
    });
    const [path] = [...keys.getKeys({ limit: 1 })];
    const [first] = [...keys.getValues(path!, { limit: 1 })];
    await keys.remove(path!, first!);
    await keys.put(path!, first! + 0.5);
    await root.close();
    await openStore();
    expect(await ofContainer()).deep.equal(TEXTS);
    expect(warnings).length(1);
  });

  it('is checked while a large store is open', async () => {
    const large = Array.from({ length: 12 }, (_, i) => `event ${i} `.padEnd(1024 * 1024, 'x'));
    await fill(large, 'ordinary');
    await damageText(directory(), Buffer.from(CONTAINER));
    await openStore();
    await eventually(() => warnings.length === 1);
    expect(await ofContainer()).deep.equal(large.slice(-10));
  });
});
