import { expect } from 'chai';
import { join } from 'node:path';
import { openStore } from '../../../server/history/open.js';
import { envelope, rejection } from '../../../conformance/store/store-under-test.js';
import { freshDirectory } from './lmdb/store-directory.js';

describe('opening a store by URL', () => {
  const directory = freshDirectory();
  const clock = (): bigint => 1n;

  it('memory: opens a history that ends with the process', async () => {
    const store = await openStore('memory:', clock);
    expect(store.durability).equal('memory');
  });

  it('lmdb:PATH and lmdb://PATH name the same history', async () => {
    const path = join(directory(), 'history.v2');
    const store = await openStore(`lmdb:${path}`, clock);
    expect(store.durability).equal('fsync');
    await store.append([envelope('a')]);
    await store.close();
    const again = await openStore(`lmdb://${path}`, clock);
    expect(again.epoch).equal(store.epoch);
    expect((await again.bounds()).last).equal(1);
    await again.close();
  });

  for (const url of ['', 'lmdb:', 'memory', 'memory:x', 'file:/tmp/x', '/var/lib/foghorn']) {
    it(`refuses ${JSON.stringify(url)}`, async () => {
      const text = await rejection(openStore(url, clock), 'INVALID_ARGUMENT');
      expect(text).contain(JSON.stringify(url)).contain('expected lmdb:PATH');
    });
  }
});
