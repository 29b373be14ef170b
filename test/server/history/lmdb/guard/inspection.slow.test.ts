import { expect } from 'chai';
import { open } from 'lmdb';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejection } from '../../../../../conformance/store/store-under-test.js';
import { contentsOf, fillDirectory, freshDirectory } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';

const TEXTS = Array.from({ length: 200 }, (_, i) => `event number ${i + 1} of this history`);

/**
 * LMDB maps its file, so damage that passes the checks ends the process with a signal. Therefore
 * the store is opened in another process.
 */
describe('lmdb store: a directory without an intact history', () => {
  const directory = freshDirectory();
  let other: StoreProcess;

  before(async () => {
    other = await StoreProcess.start();
  });
  after(() => other.kill());

  async function expectRefusal(...parts: string[]): Promise<void> {
    const before = await contentsOf(directory());
    const text = await rejection(other.call('open', directory()), 'FAILED_PRECONDITION');
    for (const part of [directory(), ...parts]) expect(text).contain(part);
    expect(await contentsOf(directory())).deep.equal(before);
  }

  /** Changes the tables of the closed store. */
  async function tamper(
    change: (root: ReturnType<typeof open>) => Promise<unknown>,
  ): Promise<void> {
    const root = open({ path: directory(), noSubdir: false });
    await change(root);
    await root.close();
  }

  const dataFile = (): string => join(directory(), 'data.mdb');

  it('refuses an unknown format', async () => {
    await fillDirectory(directory(), TEXTS);
    await tamper((root) => root.openDB({ name: 'meta', encoding: 'string' }).put('format', '2'));
    await expectRefusal('its format is "2"', 'knows format 4', 'Use the version that wrote it');
  });

  it('refuses a foreign LMDB store', async () => {
    await tamper((root) => root.openDB({ name: 'people' }).put('ada', { born: 1815 }));
    await expectRefusal('an LMDB store of something else', 'Choose another directory');
  });

  it('refuses a foreign LMDB store without tables', async () => {
    await tamper((root) => root.put('ada', { born: 1815 }));
    await expectRefusal('an LMDB store of something else', 'Choose another directory');
  });

  it('refuses a foreign LMDB store whose tables have our names', async () => {
    await tamper(async (root) => {
      await root.openDB({ name: 'entries' }).put('ada', { born: 1815 });
      await root.openDB({ name: 'keys' }).put('ada', { born: 1815 });
      await root.openDB({ name: 'meta' }).put('made by', 'somebody');
    });
    await expectRefusal('an LMDB store of something else', 'Choose another directory');
  });

  it('refuses a foreign LMDB store with a key named like one of our tables', async () => {
    await tamper((root) => root.put('meta', 'text'));
    await expectRefusal('an LMDB store of something else', 'Choose another directory');
  });

  const GARBAGE: Record<string, Buffer> = {
    'random bytes': randomBytes(64 * 1024),
    zeros: Buffer.alloc(64 * 1024),
    text: Buffer.from('not a database\n'),
    nothing: Buffer.alloc(0),
  };
  for (const [what, bytes] of Object.entries(GARBAGE)) {
    it(`refuses a data file of ${what} in place of a history`, async () => {
      await fillDirectory(directory(), TEXTS);
      await writeFile(dataFile(), bytes);
      await expectRefusal('is no LMDB file', 'Restore it from a copy');
    });
  }

  it('refuses a data file of garbage in a new directory', async () => {
    await writeFile(dataFile(), GARBAGE['random bytes']!);
    await expectRefusal('is no LMDB file');
  });

  it('refuses a data file that was truncated anywhere', async () => {
    await fillDirectory(directory(), TEXTS);
    const { size } = await stat(dataFile());
    for (const cut of [size - 1, size - 4096, size / 2, 3 * 4096, 2 * 4096]) {
      await truncate(dataFile(), cut);
      await expectRefusal('was cut off', 'Restore it from a copy');
    }
    for (const cut of [4096 + 20, 4096, 100]) {
      await truncate(dataFile(), cut);
      await expectRefusal('is no LMDB file, or its first pages are damaged');
    }
  });

  it('opens or refuses a data file with any bit of a page header flipped, and survives it', async () => {
    await fillDirectory(directory(), TEXTS);
    const bytes = await readFile(dataFile());
    const seal = await readFile(join(directory(), 'journal-seal'));
    let refused = 0;
    for (let page = 2; page < bytes.length / 4096; page++) {
      for (const at of [3, 14, 18, 20, 21, 22, 23, 25]) {
        const damaged = Buffer.from(bytes);
        damaged[page * 4096 + at]! ^= 0x08;
        await writeFile(dataFile(), damaged);
        await writeFile(join(directory(), 'journal-seal'), seal);
        try {
          await other.call('open', directory());
          await other.call('read', 0, 1000);
          await other.call('append', 'next');
          await other.call('close');
        } catch (error) {
          expect((error as Error).message).contain('its data.mdb is damaged: page ');
          refused += 1;
        }
      }
    }
    expect(refused).above(20);
  }).timeout(60_000);

  it('refuses a data file with a damaged list of free pages, by which LMDB would end it', async () => {
    await fillDirectory(directory(), TEXTS);
    const bytes = await readFile(dataFile());
    const seal = await readFile(join(directory(), 'journal-seal'));
    const node = firstFreeList(bytes);
    for (const [at, bit] of [
      // The length of its key, and the number of its pages.
      [node + 6, 0x08],
      [node + 6, 0x01],
      [node + 17, 0x01],
    ] as const) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= bit;
      await writeFile(dataFile(), damaged);
      await writeFile(join(directory(), 'journal-seal'), seal);
      await expectRefusal('its data.mdb is damaged: page ');
    }
  });

  it('refuses to start a new history where the data file is missing', async () => {
    await fillDirectory(directory(), TEXTS);
    await rm(dataFile());
    await expectRefusal('data.mdb is missing', 'Restore it', 'move the directory away');
    expect(existsSync(dataFile())).false;
  });

  it('refuses an empty LMDB file in place of a history', async () => {
    await fillDirectory(directory(), TEXTS);
    await rm(dataFile());
    await tamper(async (root) => {
      await root.put('a', 1);
      await root.remove('a');
    });
    await expectRefusal('data.mdb is empty', 'Restore it');
  });

  it('refuses a hole in the offsets', async () => {
    await fillDirectory(directory(), TEXTS);
    // Removes the second of several blocks.
    await tamper((root) => root.openDB({ name: 'entries', encoding: 'binary' }).remove(33));
    await expectRefusal(
      'entries are missing from offset 33 on, before entry 200',
      'Restore it from a copy',
    );
  });

  it('refuses a history that lacks one of its tables', async () => {
    for (const name of ['entries', 'exits', 'keys', 'dedupe0', 'dedupe1']) {
      await fillDirectory(directory(), TEXTS);
      await tamper((root) => root.openDB({ name, dupSort: name === 'keys' }).drop());
      await expectRefusal(`its table ${name} is missing`, 'Restore it from a copy');
      await rm(dataFile());
      await rm(join(directory(), 'FOGHORN'));
    }
  });

  it('refuses a directory that is a file', async () => {
    const file = join(directory(), 'file');
    await writeFile(file, 'text');
    const text = await rejection(other.call('open', file), 'FAILED_PRECONDITION');
    expect(text).contain(file).contain('it is a file. Expected a directory');
    expect(await readFile(file, 'utf8')).equal('text');
  });

  it('refuses a path that is too long for a socket, and creates nothing', async () => {
    const deep = join(directory(), 'd'.repeat(60), 'e'.repeat(60));
    const text = await rejection(other.call('open', deep), 'INVALID_ARGUMENT');
    expect(text)
      .contain('path is too long')
      .match(/at most \d+ bytes/);
    expect(existsSync(join(directory(), 'd'.repeat(60)))).false;
  });

  it('creates a history in an empty directory, and after an interrupted first start', async () => {
    const fresh = join(directory(), 'not', 'there', 'yet.v2');
    await other.call('open', fresh);
    await other.call('close');
    await writeFile(dataFile(), '');
    await other.call('open', directory());
    expect(await other.call('append', 'first')).equal(1);
    await other.call('close');
    const tablesOnly = join(directory(), 'tables-only');
    await mkdir(tablesOnly);
    const root = open({ path: tablesOnly });
    root.openDB({ name: 'entries', encoding: 'binary' });
    await root.close();
    await other.call('open', tablesOnly);
    expect(await other.call('append', 'first')).equal(1);
    await other.call('close');
  });
});

/** Position of the first node in the tree of free pages, which has one page. */
function firstFreeList(bytes: Buffer): number {
  const [first, second] = [0, 4096].map((page) => bytes.readBigUInt64LE(page + 152)) as [
    bigint,
    bigint,
  ];
  const root = bytes.readBigUInt64LE((first > second ? 0 : 4096) + 48 + 40);
  const nodes = Number(root) * 4096 + 24;
  return nodes + bytes.readUInt16LE(nodes);
}
