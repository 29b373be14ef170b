import { expect } from 'chai';
import { open as openLmdb } from 'lmdb';
import { copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ALL, settingsOf, textsOf } from '../../../../../conformance/store/store-under-test.js';
import { systemClock } from '../../../../../protocol/clock.js';
import { LmdbStore } from '../../../../../server/history/lmdb/lmdb-store.js';
import type { Damage } from '../../../../../server/history/store.js';
import { CONTAINER, freshDirectory } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';
import type { StartStore, StoreToKill } from '../store-to-kill.js';

const COUNT = 40;
const TEXTS = Array.from({ length: COUNT }, (_, i) => `event ${i} `.padEnd(100 + i * 7, 'x'));
const FILES = ['data.mdb', 'journal-0', 'journal-1', 'journal-seal'];

function lost(from: number, to = from): Damage {
  return { kind: 'damaged', from, to };
}

/**
 * Tests of stores whose log was cut, damaged or removed.
 *
 * @param start starts the stores that leave their logs
 */
export function describeDamagedLog(start: StartStore): void {
  let other: StoreToKill;

  beforeEach(async () => {
    other = await start();
  });
  // Before the directory is removed, since the store may still write.
  afterEach(() => other.kill());
  const directory = freshDirectory();

  const file = (name: string): string => join(directory(), name);

  async function restart(): Promise<void> {
    await other.kill();
    other = await start();
  }

  /** Appends texts, each in a record of its own that stays in the log. */
  async function leave(texts: readonly string[]): Promise<void> {
    await other.call('open', directory());
    for (const text of texts) await other.call('append', text);
    await restart();
  }

  /** Appends texts in one record that stays in the log; returns them. */
  async function leaveTogether(count: number): Promise<string[]> {
    await other.call('open', directory());
    await other.call('appendMany', count, 100);
    await restart();
    return Array.from({ length: count }, (_, i) => `event ${i} `.padEnd(100, 'x'));
  }

  async function save(): Promise<() => Promise<void>> {
    for (const name of FILES) await copyFile(file(name), file(`${name}.saved`));
    return async () => {
      for (const name of FILES) await copyFile(file(`${name}.saved`), file(name));
    };
  }

  /** The start of each record in journal-0, and the end of the last one. */
  async function boundaries(): Promise<number[]> {
    const bytes = await readFile(file('journal-0'));
    const signature = bytes.subarray(0, 8);
    const starts: number[] = [];
    for (let at = 0; at !== -1; at = bytes.indexOf(signature, at + 1)) starts.push(at);
    return [...starts, bytes.findLastIndex((byte) => byte !== 0) + 1];
  }

  async function flip(name: string, at: number): Promise<void> {
    const bytes = await readFile(file(name));
    bytes[at]! ^= 0x10;
    await writeFile(file(name), bytes);
  }

  interface Opened {
    readonly warnings: readonly string[];
    readonly damages: readonly Damage[];
  }

  /** Opens and closes the store in this process; returns what it reports while opening. */
  async function open(): Promise<Opened> {
    const warnings: string[] = [];
    const damages: Damage[] = [];
    const settings = settingsOf(systemClock);
    const onDamage = (damage: Damage): void => void damages.push(damage);
    const store = await LmdbStore.open(
      directory(),
      { ...settings, onDamage },
      { warn: (text) => warnings.push(text) },
    );
    await store.close();
    return { warnings, damages };
  }

  it('reports acknowledged entries that were cut off, and does not use their offsets again', async () => {
    await leave(TEXTS);
    const bounds = await boundaries();
    const restore = await save();
    for (const kept of [0, 20, COUNT - 1]) {
      for (const at of [bounds[kept]!, bounds[kept]! + 13, bounds[kept]! + 70]) {
        await restore();
        await truncate(file('journal-0'), at);
        for (let round = 1; round <= 3; round++) {
          await other.call('open', directory());
          for (const read of ['read', 'readContainer'] as const) {
            expect(await other.call(read, kept, 1000)).deep.equal(lost(kept + 1, COUNT));
            if (kept > 0) expect(await other.call(read, 0, 1000)).deep.equal(TEXTS.slice(0, kept));
            const again = Array<string>(round - 1).fill('again');
            expect(await other.call(read, COUNT, 1000)).deep.equal(again);
          }
          expect(await other.call('append', 'again')).equal(COUNT + round);
          if (round === 2) await other.call('close');
          await restart();
        }
      }
    }
  }).timeout(120_000);

  it('gives the intact entries of a record that was cut or damaged', async () => {
    const texts = await leaveTogether(COUNT);
    const restore = await save();
    const journal = await readFile(file('journal-0'));
    for (const entry of [0, 17, COUNT - 1]) {
      const at = journal.indexOf(texts[entry]!);
      await restore();
      await flip('journal-0', at + 4);
      expect((await open()).damages).deep.equal([lost(entry + 1)]);
      await other.call('open', directory());
      if (entry > 0) expect(await other.call('read', 0, 99)).deep.equal(texts.slice(0, entry));
      for (const read of ['read', 'readContainer'] as const) {
        expect(await other.call(read, entry, 99)).deep.equal(lost(entry + 1));
        expect(await other.call(read, entry + 1, 99)).deep.equal(texts.slice(entry + 1));
      }
      await restart();

      await restore();
      await truncate(file('journal-0'), at + 4);
      expect((await open()).damages).deep.equal([lost(entry + 1, COUNT)]);
      await other.call('open', directory());
      if (entry > 0) expect(await other.call('read', 0, 99)).deep.equal(texts.slice(0, entry));
      expect(await other.call('append', 'next')).equal(COUNT + 1);
      await restart();
    }
  });

  it('loses at most the entry of a record in which a bit is flipped, and gives all others', async () => {
    await leave(TEXTS);
    const bounds = await boundaries();
    const restore = await save();
    for (const damaged of [0, 7, COUNT - 1]) {
      for (const at of [bounds[damaged]!, bounds[damaged]! + 20, bounds[damaged]! + 60]) {
        await restore();
        await flip('journal-0', at);
        expect((await open()).damages).deep.equal([lost(damaged + 1)]);
        await other.call('open', directory());
        if (damaged > 0) {
          expect(await other.call('read', 0, 1000)).deep.equal(TEXTS.slice(0, damaged));
        }
        expect(await other.call('read', damaged, 1000)).deep.equal(lost(damaged + 1));
        const after = await other.call('read', damaged + 1, 1000);
        expect(after).deep.equal(TEXTS.slice(damaged + 1));
        expect(await other.call('append', 'next')).equal(COUNT + 1);
        await restart();
      }
      // A length in the record's header, and its key, follow from the rest.
      for (const at of [bounds[damaged]! + 14, bounds[damaged + 1]! - 1]) {
        await restore();
        await flip('journal-0', at);
        expect(await open()).deep.equal({ warnings: [], damages: [] });
        await other.call('open', directory());
        expect(await other.call('readContainer', 0, 1000)).deep.equal(TEXTS);
        await restart();
      }
    }
  }).timeout(60_000);

  for (const names of [
    ['journal-0'],
    ['journal-1'],
    ['journal-0', 'journal-1'],
    ['journal-seal'],
  ]) {
    it(`reports that ${names.join(' and ')} is missing`, async () => {
      await leave(TEXTS);
      for (const name of names) await rm(file(name));
      const { warnings, damages } = await open();
      expect(warnings).length(1);
      expect(warnings[0]).contain(`${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'}`);
      expect(damages).deep.equal(names.includes('journal-0') ? [lost(1, COUNT)] : []);
      expect(await open()).deep.equal({ warnings: [], damages: [] });
    });
  }

  it('reports which file was cut, and from which size to which', async () => {
    await leave(TEXTS);
    const { length } = await readFile(file('journal-0'));
    await truncate(file('journal-0'), 100);
    const { warnings } = await open();
    expect(warnings).length(1);
    expect(warnings[0]).contain(`journal-0 was cut from ${length} to 100 bytes`);
  });

  it('reports the entries of a segment that is missing, and gives those of the other one', async () => {
    // Only another process can be left while its checkpoint writes.
    const killed = await StoreProcess.start();
    await killed.call('open', directory());
    // A segment is full with 8,192 entries, and its checkpoint must not end before the kill.
    await killed.call('appendMany', 8192 + 100, 50);
    const last = await killed.call('last');
    await killed.kill();
    const restore = await save();
    for (const name of ['journal-0', 'journal-1']) {
      await restore();
      await rm(file(name));
      const { damages } = await open();
      const missing = damages.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      const store = await LmdbStore.open(directory(), settingsOf(systemClock));
      const { first } = await store.bounds();
      expect(first).equal(1);
      let found = 0;
      let skipped = 0;
      for (let after = 0; after < last;) {
        const read = await store.read(after, ALL);
        if (read.kind === 'damaged') {
          skipped += read.to - read.from + 1;
          after = read.to;
        } else {
          found += textsOf(read).length;
          after += textsOf(read).length;
        }
      }
      expect([found + skipped, skipped]).deep.equal([last, missing]);
      await store.close();
    }
  });

  it('opens a store without a seal, and seals it', async () => {
    await leave(TEXTS);
    await other.call('open', directory());
    await other.call('close');
    const root = openLmdb({ path: directory(), noSubdir: false });
    await root.openDB({ name: 'meta', encoding: 'string' }).remove('sealed');
    await root.close();
    await rm(file('journal-seal'));
    expect(await open()).deep.equal({ warnings: [], damages: [] });
    await rm(file('journal-seal'));
    expect((await open()).warnings).length(1);
  });

  it('finds a time after which entries are lost at the entries that are left', async () => {
    await leave(TEXTS);
    const bounds = await boundaries();
    await flip('journal-0', bounds[9]!);
    await other.call('open', directory());
    await other.call('close');
    const store = await LmdbStore.open(directory(), settingsOf(systemClock));
    expect(await store.offsetAt(0n)).equal(1);
    expect(textsOf(await store.read(10, ALL, CONTAINER))).deep.equal(TEXTS.slice(10));
    await store.close();
  });

  /** Damages the header of the newest block in the tables; returns its first offset. */
  async function damageNewestBlock(): Promise<number> {
    const root = openLmdb({ path: directory(), noSubdir: false });
    const entries = root.openDB<Buffer, number>({ name: 'entries', encoding: 'binary' });
    const [first] = entries.getKeys({ reverse: true, limit: 1 });
    const block = entries.get(first!)!;
    block[20]! ^= 0x10;
    await entries.put(first!, block);
    await root.close();
    return first!;
  }

  it('recovers the end of the tables when it is damaged, and the log still has it', async () => {
    await leave(TEXTS);
    await other.call('open', directory());
    // Checkpoints everything, and leaves the records in the file.
    await other.call('trim', {});
    await restart();
    expect(await damageNewestBlock()).within(2, COUNT);
    expect(await open()).deep.equal({ warnings: [], damages: [] });
    await other.call('open', directory());
    expect(await other.call('read', 0, 1000)).deep.equal(TEXTS);
    expect(await other.call('append', 'next')).equal(COUNT + 1);
  });

  it('reports the end of the tables when it is damaged, and the log lacks it', async () => {
    await leave(TEXTS);
    await open();
    const first = await damageNewestBlock();
    expect((await open()).damages).deep.equal([lost(first, COUNT)]);
    await other.call('open', directory());
    expect(await other.call('read', 0, 1000)).deep.equal(TEXTS.slice(0, first - 1));
    expect(await other.call('read', first - 1, 1000)).deep.equal(lost(first, COUNT));
    expect(await other.call('append', 'next')).equal(COUNT + 1);
  });
}
