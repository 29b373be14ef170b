import { expect } from 'chai';
import {
  DEDUPE_WINDOW,
  envelope,
  KEEP_ALL,
  settingsOf,
} from '../../../../../conformance/store/store-under-test.js';
import { LmdbStore } from '../../../../../server/history/lmdb/lmdb-store.js';
import { EntryTable } from '../../../../../server/history/lmdb/tables/entry-table.js';
import { headOf, type Head } from '../../../../../server/history/lmdb/tables/head.js';
import { openTables, type Tables } from '../../../../../server/history/lmdb/tables/tables.js';
import { TrimSteps } from '../../../../../server/history/lmdb/tables/trim-steps.js';
import { freshDirectory } from '../store-directory.js';

const LARGE = 'x'.repeat(100_000);
const ENTRIES = 64;
const HOUR = 3600n * 1_000_000_000n;
const GENEROUS = { ...KEEP_ALL, age: HOUR, bytes: 1e9, lastingAge: HOUR };

/** The table entries, with the number of rows that were read from it. */
class CountingEntries extends EntryTable {
  reads = 0;

  override rowView(offset: number): Buffer | undefined {
    this.reads += 1;
    return super.rowView(offset);
  }
}

describe('lmdb store: trim steps', () => {
  const directory = freshDirectory();
  const now = 1_700_000_000_000_000_000n;
  const settings = settingsOf(() => now, DEDUPE_WINDOW);
  let tables: Tables;
  let entries: CountingEntries;
  let exitReads: number;
  let steps: TrimSteps;
  let head: Head;

  beforeEach(async () => {
    const store = await LmdbStore.open(directory(), settings);
    for (let i = 0; i < ENTRIES + 3; i++) {
      await store.append([envelope(LARGE, { retention: i < 3 ? 'lasting' : 'ordinary' })]);
    }
    for (let done = false; !done;) {
      ({ done } = await store.trim({ ...KEEP_ALL, entries: ENTRIES }));
    }
    await store.close();

    tables = await openTables(directory());
    entries = new CountingEntries(tables.entries);
    exitReads = 0;
    const exits = Object.create(tables.exits, {
      get: {
        value: (offset: number) => {
          exitReads += 1;
          return tables.exits.get(offset);
        },
      },
    }) as Tables['exits'];
    steps = new TrimSteps(entries, { ...tables, exits }, settings);
    const newest = entries.newestBlock()!;
    head = headOf(newest.end - 1, newest.row(newest.end - 1));
  });
  afterEach(() => tables.root.close());

  it('read the oldest entry and exit once while nothing has to go', async () => {
    for (let step = 0; step < 10; step++) {
      const planned = await steps.plan(head, GENEROUS, () => undefined);
      expect(planned).deep.equal({ entries: [], first: 4, lasting: [], hasObserved: false });
      expect(steps.isDone(head, GENEROUS)).true;
    }
    expect(entries.reads).equal(1);
    expect(exitReads).equal(1);
  });

  it('read nothing for a limit of entries that is not exceeded', async () => {
    const retention = { ...KEEP_ALL, entries: ENTRIES };
    await steps.plan(head, retention, () => undefined);
    expect(steps.isDone(head, retention)).true;
    expect(entries.reads).equal(0);
  });

  it('read few entries to find those that have to go', async () => {
    const bytes = (head.totalBytes / (ENTRIES + 3)) * 10;
    const planned = await steps.plan(head, { ...KEEP_ALL, bytes }, () => undefined);
    expect(planned.first).above(4);
    expect(head.last - planned.first + 1).within(1, 10);
    expect(entries.reads).below(2 * Math.log2(ENTRIES));
  });
});
