import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejection } from '../../../../../conformance/store/store-under-test.js';
import { expectConsistentTables } from '../consistent-tables.js';
import { contentsOf } from '../store-directory.js';
import { StoreProcess } from '../store-process.js';

const MIB = 1024 * 1024;
const EVENT_BYTES = 3000;
const ROUNDS_WITHOUT_SPACE = 5;

/** Mounts a small disk of its own, which needs root or CAP_SYS_ADMIN. */
describe('lmdb store: on a disk that is full or read-only', () => {
  let directory: string;
  let other: StoreProcess;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'foghorn-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', directory]);
    other = await StoreProcess.start();
  });
  afterEach(async () => {
    await other.kill();
    execFileSync('umount', [directory]);
    await rm(directory, { recursive: true });
  });

  const ballast = (): string => join(directory, 'ballast');

  /** Uses up all free space. */
  async function fillDisk(): Promise<void> {
    const failed = await writeFile(ballast(), Buffer.alloc(5 * MIB)).catch(String);
    expect(failed).contain('ENOSPC');
  }

  it('fails exactly the appends that found no space, and recovers when there is some', async () => {
    await writeFile(ballast(), Buffer.alloc(3 * MIB));
    await other.call('open', directory);
    const acknowledged = new Map<number, string>();
    const codes = new Set<string>();
    for (let without = 0; without < ROUNDS_WITHOUT_SPACE;) {
      const answers = await other.call('appendMany', 20, EVENT_BYTES);
      if (answers.some((answer) => typeof answer === 'string')) without += 1;
      answers.forEach((answer, i) => {
        if (typeof answer === 'string') codes.add(answer);
        else acknowledged.set(answer, `event ${i} `.padEnd(EVENT_BYTES, 'x'));
      });
    }
    expect([...codes]).deep.equal(['RESOURCE_EXHAUSTED']);
    expect(acknowledged.size).above(20);
    const text = await rejection(other.call('append', 'x'.repeat(MIB)), 'RESOURCE_EXHAUSTED');
    expect(text).contain('no space left').contain(directory);
    await expectHistory(acknowledged);

    await rm(ballast());
    const next = acknowledged.size + 1;
    expect(await other.call('append', 'there is space')).equal(next);
    acknowledged.set(next, 'there is space');
    await expectHistory(acknowledged);

    await other.call('close');
    await other.call('open', directory);
    await expectHistory(acknowledged);
    expect(await other.call('append', 'after opening again')).equal(next + 1);
  });

  async function expectHistory(acknowledged: ReadonlyMap<number, string>): Promise<void> {
    const offsets = [...acknowledged.keys()].sort((a, b) => a - b);
    expect(offsets).deep.equal(offsets.map((_, i) => i + 1));
    const texts = offsets.map((offset) => acknowledged.get(offset));
    expect(await other.call('read', 0, 10_000)).deep.equal(texts);
    expect(await other.call('readContainer', 0, 10_000)).deep.equal(texts);
    expect(await other.call('last')).equal(offsets.length);
  }

  it('survives a full disk many times', async () => {
    await other.call('open', directory);
    let stored = 0;
    for (let round = 0; round < 5; round++) {
      await fillDisk();
      const answers = await other.call('appendMany', 60, EVENT_BYTES);
      stored += answers.filter((answer) => typeof answer === 'number').length;
      await rm(ballast());
      expect(await other.call('append', 'between')).equal(++stored);
    }
    expect(await other.call('read', 0, 10_000)).length(stored);
  });

  it('fails a trim without space, loses nothing, and recovers when there is some', async () => {
    await other.call('open', directory);
    await other.call('appendMany', 200, EVENT_BYTES, true);
    const texts = (await other.call('read', 0, 10_000)) as string[];
    // Checkpoints all entries, because only the tables are trimmed.
    await other.call('trim', { entries: 1000 });
    await fillDisk();
    const text = await rejection(other.call('trim', { entries: 20 }), 'RESOURCE_EXHAUSTED');
    expect(text).contain('nothing was trimmed: no space left').contain(directory);
    expect(await other.call('first')).equal(1);
    expect(await other.call('read', 0, 10_000)).deep.equal(texts);

    await rm(ballast());
    expect(await other.call('trim', { entries: 20 })).equal(texts.length - 20);
    expect(await other.call('read', texts.length - 20, 100)).deep.equal(texts.slice(-20));
    expect(await other.call('readLasting')).deep.equal(texts.slice(0, -20));
    expect(await other.call('append', 'next')).equal(texts.length + 1);
    await other.call('close');
    await expectConsistentTables(directory);
  });

  it('stores any number of events when trims free space for the next ones', async () => {
    await other.call('open', directory);
    for (let round = 0; round < 20; round++) {
      const answers = await other.call('appendMany', 100, EVENT_BYTES);
      expect(answers.every((answer) => typeof answer === 'number')).true;
      await other.call('trim', { entries: 50 });
    }
    expect(await other.call('last')).equal(2000);
    expect(await other.call('read', 1950, 100)).length(50);
  });

  it('reports a disk without space for a new history, and creates one when there is some', async () => {
    await fillDisk();
    const text = await rejection(other.call('open', directory), 'FAILED_PRECONDITION');
    expect(text).contain(directory).contain('its disk has space');
    await rm(ballast());
    await other.call('open', directory);
    expect(await other.call('append', 'first')).equal(1);
  });

  it('opens a history for reading on a full disk', async () => {
    await other.call('open', directory);
    await other.call('append', 'first');
    await other.call('close');
    await fillDisk();
    await other.call('open', directory);
    expect(await other.call('read', 0, 10)).deep.equal(['first']);
    await rejection(other.call('append', 'x'.repeat(MIB)), 'RESOURCE_EXHAUSTED');
  });

  it('recovers the log of a killed process even when the tables have no space for it', async () => {
    await other.call('open', directory);
    await other.call('appendMany', 50, EVENT_BYTES);
    await other.call('close');
    await other.call('open', directory);
    await other.call('appendMany', 50, EVENT_BYTES);
    const texts = await other.call('read', 0, 100);
    await other.kill();
    other = await StoreProcess.start();
    await fillDisk();
    for (let opened = 0; opened < 2; opened++) {
      await other.call('open', directory);
      expect(await other.call('read', 0, 100)).deep.equal(texts);
      expect(await other.call('readContainer', 0, 100)).deep.equal(texts);
      await rejection(other.call('append', 'x'.repeat(MIB)), 'RESOURCE_EXHAUSTED');
      await other.call('close');
    }
    await rm(ballast());
    await other.call('open', directory);
    expect(await other.call('append', 'next')).equal(101);
    await other.call('close');
    await expectConsistentTables(directory);
  });

  it('refuses a read-only disk and changes nothing', async () => {
    await other.call('open', directory);
    await other.call('append', 'first');
    await other.call('close');
    const before = await contentsOf(directory);
    execFileSync('mount', ['-o', 'remount,ro', directory]);
    const text = await rejection(other.call('open', directory), 'FAILED_PRECONDITION');
    expect(text).contain('Read-only file system').contain('can be written to');
    expect(await contentsOf(directory)).deep.equal(before);
    execFileSync('mount', ['-o', 'remount,rw', directory]);
    await other.call('open', directory);
    expect(await other.call('append', 'second')).equal(2);
  });
});
