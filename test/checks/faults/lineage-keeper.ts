import { join } from 'node:path';
import { connect } from '../../../client/index.js';
import type { Client } from '../../../client/index.js';
import type { BrokerProcess } from '../../faults/foghorn.js';
import type { BrokerLine, HistoryLine } from '../records/lines.js';
import { historyFile, LAST_WAITS_FILE } from '../records/round-files.js';
import { RecordWriter } from '../records/record-writer.js';
import { readHistory } from './history-reader.js';
import { askLast } from './last-waits.js';
import { copyStore, wipeStore } from './store-copy.js';

/**
 * Copies, puts back and wipes the store of a broker that is down, and records what each course of history held and where
 * it forked. It looks at the store through a broker of its own, which no client knows.
 */
export class LineageKeeper {
  #lineage = -1;
  #copied: { readonly from: number } | undefined;

  constructor(
    private readonly broker: BrokerProcess,
    private readonly directory: string,
    private readonly record: RecordWriter<BrokerLine>,
  ) {}

  /** The store is new, or another one than before. */
  async begin(parent: number | null = null): Promise<void> {
    const { epoch, last } = await this.#look((client) => client.describe());
    this.#lineage += 1;
    const fork = parent === null ? 0 : Number(last?.offset ?? 0n);
    this.record.write({ kind: 'lineage', lineage: this.#lineage, epoch, parent, fork });
  }

  async copy(): Promise<void> {
    await copyStore(this.broker.store, this.#copy);
    this.#copied = { from: this.#lineage };
  }

  async putBack(): Promise<void> {
    if (!this.#copied) throw new Error('there is no copy of the store to put back');
    await this.end();
    await copyStore(this.#copy, this.broker.store);
    await this.begin(this.#copied.from);
  }

  async wipe(): Promise<void> {
    await this.end();
    await wipeStore(this.broker.store);
    await this.begin();
  }

  /** Records all that the lineage holds. */
  async end(): Promise<void> {
    this.record.write({ kind: 'lineage over', lineage: this.#lineage });
    await this.#look((client) => this.#recordHistory(client));
  }

  /** The same, and the answers to a wait for every run that has ended. */
  async endForGood(): Promise<void> {
    this.record.write({ kind: 'lineage over', lineage: this.#lineage });
    await this.#look(async (client) => {
      const facts = await this.#recordHistory(client);
      await askLast(client, facts, join(this.directory, LAST_WAITS_FILE));
    });
  }

  async #recordHistory(client: Client): Promise<string[]> {
    const path = join(this.directory, historyFile(this.#lineage));
    const history = new RecordWriter<HistoryLine>(path);
    const facts: string[] = [];
    for await (const line of readHistory(client)) {
      history.write(line);
      facts.push(line.entry[1]);
    }
    history.close();
    return facts;
  }

  get #copy(): string {
    return this.broker.file('copy');
  }

  async #look<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const address = `unix://${this.broker.file('private.sock')}`;
    const child = await this.broker.start({ address });
    const client = connect({ address });
    try {
      return await use(client);
    } finally {
      await client.close();
      await child.end('SIGTERM');
    }
  }
}
