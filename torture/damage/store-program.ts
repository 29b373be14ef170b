import { envelope, settingsOf, KEEP_ALL } from '../../conformance/store/store-under-test.js';
import { systemClock } from '../../protocol/clock.js';
import { LmdbStore } from '../../server/history/lmdb/lmdb-store.js';
import { inspectStore, type Inspection } from './inspection.js';
import { KEYS } from './keys.js';

/*
 * A process that has a store, for the damage program. LMDB may end it with a signal.
 */

/** A request to the process. */
export type Request =
  | { readonly action: 'fill'; readonly directory: string; readonly entries: number }
  | { readonly action: 'inspect'; readonly directory: string };

/** The answer to a request. */
export type Answer =
  { readonly kind: 'filled' } | { readonly kind: 'inspected'; readonly inspection: Inspection };

function send(answer: Answer): void {
  process.send?.(answer);
}

function newEntry(number: number) {
  const key = KEYS[number % KEYS.length]!;
  const retention = number % 10 === 0 ? 'lasting' : 'ordinary';
  const text = `event ${number} `.padEnd(20 + ((number * 37) % 400), 'x');
  return envelope(text, { key, retention, dedupeKey: `key ${number}` });
}

async function appendGroups(store: LmdbStore, from: number, to: number): Promise<void> {
  for (let number = from; number <= to;) {
    const size = Math.min(1 + ((number * 7) % 50), to - number + 1);
    await store.append(Array.from({ length: size }, (_, i) => newEntry(number + i)));
    number += size;
  }
}

/**
 * Leaves a store with trimmed entries, kept lasting ones, tables of several checkpoints, and a
 * third of its entries in the log alone. The parent kills the process for that.
 */
async function fill(directory: string, entries: number): Promise<void> {
  const third = Math.floor(entries / 3);
  for (let part = 0; part < 2; part++) {
    const store = await open(directory);
    await appendGroups(store, part * third + 1, (part + 1) * third);
    for (let done = false; !done;) {
      ({ done } = await store.trim({ ...KEEP_ALL, entries: third + 100 }));
    }
    await store.close();
  }
  await appendGroups(await open(directory), 2 * third + 1, entries);
  send({ kind: 'filled' });
}

function open(directory: string): Promise<LmdbStore> {
  return LmdbStore.open(directory, settingsOf(systemClock));
}

process.on('message', (request: Request) => {
  void perform(request);
});

async function perform(request: Request): Promise<void> {
  const { directory } = request;
  switch (request.action) {
    case 'fill':
      return fill(directory, request.entries);
    case 'inspect':
      send({ kind: 'inspected', inspection: await inspectStore(directory, KEYS) });
  }
}
