import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../../../protocol/errors.js';
import { rejection } from '../../../../../conformance/store/store-under-test.js';
import { TableWriter } from '../../../../../server/history/lmdb/tables/table-writer.js';
import { eventually } from '../../../../support/eventually.js';
import { freshDirectory } from '../store-directory.js';

/** An environment in which a test ends each transaction. */
class ControlledRoot {
  readonly transactions: { resolve(): void; reject(error: Error): void }[] = [];

  batch(put: () => void): Promise<boolean> {
    put();
    return new Promise((resolve, reject) => {
      this.transactions.push({
        resolve: () => {
          resolve(true);
        },
        reject,
      });
    });
  }

  getStats(): object {
    return { pageSize: 4096, lastPageNumber: 1 };
  }
}

describe('lmdb store: the table writer', () => {
  const directory = freshDirectory();
  let root: ControlledRoot;
  let failures: FoghornError[];
  let put: number[];

  beforeEach(async () => {
    await writeFile(join(directory(), 'data.mdb'), '');
    root = new ControlledRoot();
    failures = [];
    put = [];
  });

  function writerOf(transactionTimeoutMs: number): TableWriter {
    const onFailure = (failure: FoghornError): unknown => failures.push(failure);
    return new TableWriter(directory(), root, onFailure, {
      transactionTimeoutMs,
    });
  }

  function commit(writer: TableWriter, slices: readonly number[]): Promise<void> {
    return writer.commit(
      () => 1,
      slices,
      (slice) => put.push(slice),
    );
  }

  it('begins a transaction only after the one before has ended', async () => {
    const writer = writerOf(60_000);
    const committed = commit(writer, [1, 2, 3]);
    for (const expected of [[1], [1, 2], [1, 2, 3]]) {
      await eventually(() => put.length >= expected.length);
      // Another transaction would begin by now.
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      expect(put).deep.equal(expected);
      root.transactions.at(-1)!.resolve();
    }
    await committed;
    expect(failures).empty;
    await writer.close();
  });

  it('makes an error of LMDB on a read the failure, and leaves errors of ours', async () => {
    const writer = writerOf(60_000);
    const ours = new FoghornError('DATA_LOSS', 'an entry is damaged');
    expect(writer.failedBy(ours)).equal(ours);
    expect(writer.failure).equal(undefined);
    const panic = writer.failedBy(new Error('MDB_PANIC: Update of meta page failed'));
    expect(panic).include({ code: 'INTERNAL' });
    expect(failures).deep.equal([panic]);
    expect(() => {
      writer.checkWorking();
    }).to.throw('the store has failed');
    await writer.close();
  });

  it('puts nothing more after a transaction has failed, and reports the failure once', async () => {
    const writer = writerOf(60_000);
    const committed = commit(writer, [1, 2, 3]);
    const next = commit(writer, [4]);
    await eventually(() => root.transactions.length > 0);
    root.transactions[0]!.reject(new Error('the disk fails'));
    for (const failed of [committed, next, commit(writer, [5])]) {
      expect(await rejection(failed, 'INTERNAL')).contain('data.mdb failed: the disk fails');
    }
    expect(put).deep.equal([1]);
    expect(failures).length(1);
    expect(writer.failure).equal(failures[0]);
    await writer.close();
  });

  it('fails when a transaction does not end', async () => {
    const writer = writerOf(20);
    const text = await rejection(commit(writer, [1, 2]), 'DEADLINE_EXCEEDED');
    expect(text).contain('did not end within 20 ms');
    expect(failures.map(({ code }) => code)).deep.equal(['DEADLINE_EXCEEDED']);
    await rejection(commit(writer, [3]), 'DEADLINE_EXCEEDED');
    expect(put).deep.equal([1]);
    await writer.close();
  });
});
