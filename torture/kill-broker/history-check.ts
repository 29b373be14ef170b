import { expect } from 'chai';
import { events } from '../../client/index.js';
import type { Client, Entry, ReadOptions, ReadStart } from '../../client/index.js';
import { parseCursor } from '../../server/events/cursor.js';
import { TOPIC } from './publisher.js';
import type { Publisher } from './publisher.js';

/** Reads to the end and returns the entries. */
export async function entriesOf(client: Client, options: ReadOptions): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const message of client.read(options)) {
    if (message.kind === 'entries') entries.push(...message.entries);
  }
  return entries;
}

export function cursorsOf(entries: readonly Entry[]): string[] {
  return entries.map(({ cursor }) => cursor);
}

/** Summary of one publisher's events in the history. */
interface Stored {
  readonly numbers: Set<number>;
  /** Batch number of the newest event. */
  batch: number;
}

/**
 * Reads the entries added since the last call and checks them: offsets have no hole, no event
 * appears twice, each publisher's batches are in order, and every acknowledged event is there.
 */
export class HistoryCheck {
  readonly cursors: string[] = [];
  readonly #stored = new Map<string, Stored>();
  #start: ReadStart = 'earliest';
  #offset = 0;

  constructor(private readonly publishers: readonly Publisher[]) {}

  async checkAdded(client: Client): Promise<void> {
    const owed = this.publishers.map(({ acknowledged }) => [...acknowledged]);
    const added = await entriesOf(client, { start: this.#start, stopWhenCaughtUp: true });
    for (const entry of added) this.#check(entry);
    const last = added.at(-1);
    if (last) this.#start = { after: last.cursor };
    const lost = this.publishers.flatMap(({ name }, index) =>
      owed[index]!.filter((number) => !this.#storedOf(name).numbers.has(number)).map(
        (number) => `${name} ${number}`,
      ),
    );
    expect(lost, 'acknowledged and not in the history').to.deep.equal([]);
  }

  #check({ cursor, topic, event }: Entry): void {
    this.cursors.push(cursor);
    this.#offset += 1;
    expect(parseCursor(cursor).offset, 'offset').to.equal(this.#offset);
    if (topic !== TOPIC) return;
    const { containerId, exitStatus: number, pid: batch } = events.TaskExit.decode(event!.value);
    const stored = this.#storedOf(containerId);
    if (stored.numbers.has(number)) expect.fail(`${containerId} ${number} is there twice`);
    if (batch < stored.batch) {
      expect.fail(`${containerId} ${number} of batch ${batch} comes after batch ${stored.batch}`);
    }
    stored.numbers.add(number);
    stored.batch = batch;
  }

  #storedOf(name: string): Stored {
    const known = this.#stored.get(name);
    if (known) return known;
    const stored = { numbers: new Set<number>(), batch: 0 };
    this.#stored.set(name, stored);
    return stored;
  }
}
