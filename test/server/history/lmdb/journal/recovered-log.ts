import { expect } from 'chai';
import { open } from 'lmdb';
import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejection } from '../../../../../conformance/store/store-under-test.js';
import { expectConsistentTables } from '../consistent-tables.js';
import { freshDirectory } from '../store-directory.js';
import type { StartStore, StoreToKill } from '../store-to-kill.js';

const TEXTS = Array.from({ length: 40 }, (_, i) => `event ${i} `.padEnd(100 + i * 7, 'x'));

/**
 * Tests of stores that recover what a killed one left in its log.
 *
 * @param start starts the stores that leave their logs
 */
export function describeRecoveredLog(start: StartStore): void {
  let other: StoreToKill;

  beforeEach(async () => {
    other = await start();
  });
  // Before the directory is removed, since the store may still write.
  afterEach(() => other.kill());
  const directory = freshDirectory();

  const file = (name: string): string => join(directory(), name);

  /** Appends texts that stay in the log alone, because the process is killed. */
  async function leave(texts: readonly string[]): Promise<void> {
    await other.call('open', directory());
    for (const text of texts) await other.call('append', text);
    await other.kill();
    other = await start();
  }

  /** The start of each record in a file of `leave`d texts, and the end of the last one. */
  async function boundaries(texts: readonly string[]): Promise<number[]> {
    const bytes = await readFile(file('journal-0'));
    const mark = bytes.subarray(0, 8);
    const starts: number[] = [];
    for (let at = 0; at !== -1; at = bytes.indexOf(mark, at + 1)) starts.push(at);
    expect(starts).length(texts.length);
    return [...starts, bytes.findLastIndex((byte) => byte !== 0) + 1];
  }

  async function expectTexts(texts: readonly string[]): Promise<void> {
    expect(await other.call('read', 0, 1000)).deep.equal(texts);
    expect(await other.call('readContainer', 0, 1000)).deep.equal(texts);
    expect(await other.call('last')).equal(texts.length);
  }

  it('recovers entries that the tables lack after each of several kills', async () => {
    await leave(TEXTS);
    for (let round = 1; round <= 3; round++) {
      await other.call('open', directory());
      await expectTexts([...TEXTS, ...Array<string>(round - 1).fill('again')]);
      expect(await other.call('append', 'again')).equal(TEXTS.length + round);
      await other.kill();
      other = await start();
    }
    await other.call('open', directory());
    await other.call('close');
    expect((await stat(file('journal-0'))).size + (await stat(file('journal-1'))).size).equal(0);
    await expectConsistentTables(directory());
    await other.call('open', directory());
    await expectTexts([...TEXTS, 'again', 'again', 'again']);
  });

  it('recovers all intact records when the last one is torn, and was never sealed', async () => {
    await leave(TEXTS);
    await rm(file('journal-seal'));
    const tables = await readFile(file('data.mdb'));
    const bounds = await boundaries(TEXTS);
    const whole = await readFile(file('journal-0'));
    for (const kept of [0, 20, TEXTS.length - 1]) {
      const [from, to] = bounds.slice(kept, kept + 2) as [number, number];
      for (const cut of [from + 13, Math.floor((from + to) / 2), to - 1]) {
        const torn = Buffer.alloc(whole.length);
        whole.copy(torn, 0, 0, cut);
        await writeFile(file('journal-0'), torn);
        await writeFile(file('data.mdb'), tables);
        await rm(file('journal-seal'), { force: true });
        await other.call('open', directory());
        await expectTexts(TEXTS.slice(0, kept));
        expect(await other.call('append', 'next')).equal(kept + 1);
        await expectTexts([...TEXTS.slice(0, kept), 'next']);
        await other.kill();
        other = await start();
      }
    }
    await writeFile(file('journal-0'), whole.subarray(0, bounds[5]));
    await rm(file('journal-seal'));
    await other.call('open', directory());
    await expectTexts(TEXTS.slice(0, 5));
  }).timeout(120_000);

  it('is refused beside an older copy of the tables, and can be moved away', async () => {
    await leave(TEXTS.slice(0, 10));
    await other.call('open', directory());
    await other.call('close');
    await copyFile(file('data.mdb'), file('copy'));
    await other.call('open', directory());
    for (const text of TEXTS.slice(10, 30)) await other.call('append', text);
    await other.call('close');
    await leave(TEXTS.slice(30));
    await copyFile(file('copy'), file('data.mdb'));
    const text = await rejection(other.call('open', directory()), 'FAILED_PRECONDITION');
    expect(text).contain('between offsets 10 and 31 are missing').contain('same copy');
    await rm(file('journal-0'));
    await rm(file('journal-1'));
    await other.call('open', directory());
    expect(await other.call('read', 0, 1000)).deep.equal(TEXTS.slice(0, 10));
    expect(await other.call('read', 10, 1000)).deep.equal({ kind: 'damaged', from: 11, to: 40 });
    expect(await other.call('append', 'next')).equal(41);
  });

  it('mends a hole in the tables that it covers', async () => {
    await leave(TEXTS.slice(0, 10));
    await other.call('open', directory());
    await other.call('close');
    const many = Array.from({ length: 300 }, (_, i) => `${i} `.padEnd(1000, 'x'));
    await leave(many);
    for (const name of ['journal-0', 'journal-1']) await copyFile(file(name), file(`${name}.copy`));
    await other.call('open', directory());
    await other.call('close');
    for (const name of ['journal-0', 'journal-1']) await copyFile(file(`${name}.copy`), file(name));
    const root = open({ path: directory(), noSubdir: false });
    const entries = root.openDB<Buffer, number>({ name: 'entries', encoding: 'binary' });
    const [, second, third, fourth] = [...entries.getKeys()] as number[];
    expect(second).equal(11);
    for (const block of [third!, fourth!]) await entries.remove(block);
    await root.close();

    for (let opened = 0; opened < 2; opened++) {
      await other.call('open', directory());
      await expectTexts([...TEXTS.slice(0, 10), ...many]);
      await other.call('close');
    }
    await expectConsistentTables(directory());
    await other.call('open', directory());
    expect(await other.call('append', 'next')).equal(311);
  });

  it('does not mistake events for records', async () => {
    await leave(TEXTS);
    const journal = (await readFile(file('journal-0'))).toString('latin1');
    await other.call('open', directory());
    await other.call('close');
    await rm(file('FOGHORN'));
    await rm(file('data.mdb'));
    await rm(file('journal-0'));
    await leave([journal, 'next']);
    await other.call('open', directory());
    await expectTexts([journal, 'next']);
  });
}
