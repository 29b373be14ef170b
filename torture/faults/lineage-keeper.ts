import { join } from 'node:path';
import type { Client } from '../../client/index.js';
import type { BrokerLine, HistoryLine } from '../records/lines.js';
import { monotonicNow } from '../records/monotonic.js';
import { historyFile, LAST_WAITS_FILE } from '../records/round-files.js';
import { RecordWriter } from '../records/record-writer.js';
import { readHistory } from './history-reader.js';
import { askLast } from './last-waits.js';

/** Runs a function against a broker that no client knows. */
export type Look = <T>(use: (client: Client) => Promise<T>) => Promise<T>;

/** Records each lineage of the history: where it forked and what it held at its end. */
export class LineageKeeper {
  /** Number of lineages so far. */
  readonly epochs = new Set<string>();
  #lineage = -1;

  constructor(
    private readonly directory: string,
    private readonly record: RecordWriter<BrokerLine>,
  ) {}

  /** Number of the current lineage. */
  get current(): number {
    return this.#lineage;
  }

  /**
   * Begins the lineage of a new history.
   *
   * @param at time before which no client could reach it
   */
  begin(epoch: string, at = monotonicNow()): void {
    this.#begin({ epoch, parent: null, fork: 0, at });
  }

  /** Begins a lineage that continues a copy of an older one. */
  async fork(parent: number, look: Look): Promise<void> {
    const at = monotonicNow();
    const { epoch, last } = await look((client) => client.describe());
    this.#begin({ epoch, parent, fork: Number(last?.offset ?? 0n), at });
  }

  /**
   * Ends the lineage and records its contents.
   *
   * @param at time after which no client reached it
   */
  async end(look: Look, at = monotonicNow()): Promise<void> {
    this.record.write({ at, kind: 'lineage over', lineage: this.#lineage });
    await look((client) => this.#recordHistory(client));
  }

  /** Ends the last lineage and records its contents and a wait for every run that has ended. */
  async endForGood(look: Look): Promise<void> {
    this.record.write({ kind: 'lineage over', lineage: this.#lineage });
    await look(async (client) => {
      const facts = await this.#recordHistory(client);
      await askLast(client, facts, join(this.directory, LAST_WAITS_FILE));
    });
  }

  #begin(begun: { epoch: string; parent: number | null; fork: number; at: number }): void {
    this.#lineage += 1;
    this.epochs.add(begun.epoch);
    this.record.write({ kind: 'lineage', lineage: this.#lineage, ...begun });
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
}
