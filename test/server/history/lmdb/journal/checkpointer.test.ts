import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  ALL,
  appendedOffsets,
  entriesOf,
  envelope,
  START,
} from '../../../../../conformance/store/store-under-test.js';
import { Checkpointer } from '../../../../../server/history/lmdb/journal/checkpointer.js';
import { RecordBuffers } from '../../../../../server/history/lmdb/journal/record-buffers.js';
import { LogRecord, type CommitRow } from '../../../../../server/history/lmdb/journal/record.js';
import { DedupeTables } from '../../../../../server/history/lmdb/tables/dedupe-tables.js';
import { EntryTable } from '../../../../../server/history/lmdb/tables/entry-table.js';
import { TableWriter } from '../../../../../server/history/lmdb/tables/table-writer.js';
import { openTables, type Tables } from '../../../../../server/history/lmdb/tables/tables.js';
import { expectConsistentTables } from '../consistent-tables.js';
import { CONTAINER, fillDirectory, openIn } from '../store-directory.js';

const STORED = ['one', 'two', 'three'];
const PENDING = 5000;
const DEDUPE_WINDOW = { entries: 1_000_000, age: 3600n * 1_000_000_000n };

describe('lmdb store: the checkpointer', () => {
  let directory: string;

  beforeEach(makeHistory);
  afterEach(() => rm(directory, { recursive: true }));

  /** Creates a history of a few entries. */
  async function makeHistory(): Promise<void> {
    directory = await mkdtemp(join(tmpdir(), 'foghorn-history-'));
    await fillDirectory(directory, STORED);
  }

  it('puts the entries of a segment in several transactions', async () => {
    expect(await checkpoint(directory, 2)).equal('interrupted');
  });

  it('completes a checkpoint that was interrupted after any transaction', async () => {
    let result = '';
    for (let transactions = 0; result !== 'done'; transactions++) {
      result = await checkpoint(directory, transactions);
    }
    const store = await openIn(directory);
    expect(await store.bounds()).include({ first: 1, last: STORED.length + PENDING });
    await store.close();
    expect(await expectConsistentTables(directory)).equal(PENDING);
  }).timeout(30_000);

  it('leaves no index rows of the entries that are lost with the log', async () => {
    for (let transactions = 0; ; transactions++) {
      if ((await checkpoint(directory, transactions)) === 'done') return;
      const store = await openIn(directory);
      const { last } = await store.bounds();
      const entry = envelope('new', { key: CONTAINER, dedupeKey: dedupeKeyOf(last + 1) });
      expect(appendedOffsets(await store.append([entry]))).deep.equal([last + 1]);
      expect(entriesOf(await store.read(last, ALL, CONTAINER))).length(1);
      expect(entriesOf(await store.read(last, ALL, keyOf(last + 1)))).length(0);
      await store.close();
      await expectConsistentTables(directory);
      await rm(directory, { recursive: true });
      await makeHistory();
    }
  }).timeout(30_000);
});

/** Checkpoints entries that no log has, and stops after a number of transactions. */
async function checkpoint(directory: string, transactions: number): Promise<string> {
  const tables = await openTables(directory);
  const stop = new AbortController();
  const stopped = once(stop.signal, 'abort').then(() => 'interrupted');
  const root = stoppingAfter(transactions, tables.root, () => {
    stop.abort();
  });
  const throwFailure = (failure: Error): void => {
    throw failure;
  };
  // An interrupted transaction never ends, and must not fail a later test.
  const limits = { transactionTimeoutMs: 2 ** 31 - 1 };
  const writer = new TableWriter(directory, root, throwFailure, limits);
  const dedupe = new DedupeTables(tables, DEDUPE_WINDOW);
  const checkpointer = new Checkpointer(new EntryTable(tables.entries), tables, dedupe, writer);
  const done = checkpointer.checkpoint([pendingRecord(tables)]).then(() => 'done');
  const result = await Promise.race([done, stopped]);
  await tables.root.close();
  return result;
}

function stoppingAfter(
  transactions: number,
  root: Tables['root'],
  onStop: () => void,
): Pick<Tables['root'], 'batch' | 'getStats'> {
  let left = transactions;
  return {
    getStats: () => root.getStats(),
    batch(put: () => void): Promise<boolean> {
      if (left-- > 0) return root.batch(put);
      onStop();
      return new Promise(() => undefined);
    },
  };
}

function pendingRecord(tables: Tables): LogRecord {
  const rows = Array.from({ length: PENDING }, (_, i) => pendingRow(STORED.length + 1 + i));
  return LogRecord.of(rows, Buffer.from(tables.meta.get('mark')!, 'hex'), new RecordBuffers());
}

function pendingRow(offset: number): CommitRow {
  const { bytes, time } = envelope(`pending ${offset}`, { key: keyOf(offset) });
  return {
    entry: { offset, storedAt: START, fingerprint: crc32(bytes), envelope: bytes },
    latestTime: time,
    totalBytes: 200 * offset,
    path: keyOf(offset),
    isMain: false,
    dedupeKey: Buffer.from(dedupeKeyOf(offset)),
  };
}

function keyOf(offset: number): string {
  return `default\0container-${offset % 100}`;
}

function dedupeKeyOf(offset: number): string {
  return `key ${String(offset).padStart(8, '0')}`;
}
