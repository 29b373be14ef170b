import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { envelope, KEEP_ALL, settingsOf } from '../../conformance/store/store-under-test.js';
import { systemClock } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import { LmdbStore } from '../../server/history/lmdb/lmdb-store.js';
import { Random } from '../random.js';
import type { WriterLine } from './writer.js';

/*
 * A process that appends to a store until it is killed, and ends as a broker does when the store
 * fails. It prints every outcome at once, because the parent kills it at any moment.
 */

const APPENDERS = 8;
const KEPT_ENTRIES = 4000;
const MAX_GROUP = 20;
const MAX_PADDING = 60_000;

const [directory = '', life = '', seed = ''] = process.argv.slice(2);
const random = new Random(Number(seed));
let appended = 0;

function print(line: WriterLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      // The pipe is full until the parent reads.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

function newEntry() {
  const text = `${life}-${appended++} `;
  const padding = random.chance(0.02) ? random.between(0, MAX_PADDING) : random.between(0, 300);
  return envelope(text + 'x'.repeat(padding), {
    key: `default\0container-${random.between(0, 20)}`,
    retention: random.chance(0.1) ? 'lasting' : 'ordinary',
    dedupeKey: text,
  });
}

async function appendForever(store: LmdbStore): Promise<never> {
  for (;;) {
    const group = Array.from({ length: random.between(1, MAX_GROUP) }, newEntry);
    try {
      const offsets = (await store.append(group)).map(({ offset }) => offset);
      print({ kind: 'acknowledged', offsets });
    } catch (error) {
      await reject(error);
    }
  }
}

async function trimForever(store: LmdbStore): Promise<never> {
  for (;;) {
    await delay(random.between(20, 300));
    await store.trim({ ...KEEP_ALL, entries: KEPT_ENTRIES }).catch(reject);
  }
}

async function reject(error: unknown): Promise<void> {
  if (!(error instanceof FoghornError)) throw error;
  print({ kind: 'rejected', reason: error.message });
  await delay(5);
}

let store: LmdbStore;
try {
  store = await LmdbStore.open(directory, settingsOf(systemClock), {
    onFailure: ({ message }) => {
      print({ kind: 'failed', reason: message });
      process.exit(1);
    },
  });
} catch (error) {
  if (!(error instanceof FoghornError)) throw error;
  print({ kind: 'refused', reason: error.message });
  process.exit(1);
}
print({ kind: 'opened', pid: process.pid });
await Promise.all([
  ...Array.from({ length: APPENDERS }, () => appendForever(store)),
  trimForever(store),
]);
