import { parseCursor } from '../../server/events/cursor.js';
import { endsRun, runOf } from '../records/fact.js';
import type { BrokerLine, HistoryLine } from '../records/lines.js';
import type { LineRef, Recorded } from '../records/record-reader.js';
import { knownEntry } from './known-entry.js';
import type { Facts, KnownEntry } from './known-entry.js';

/** Whether an entry is in a lineage; `trimmed` when that cannot be known any more. */
export type Standing = 'there' | 'trimmed' | 'foreign';

export type LineageLine = Recorded<Extract<BrokerLine, { kind: 'lineage' }>>;

/** One course of history, with its contents at its end. */
export class Lineage {
  /** All entries by offset, including kept exits. */
  readonly entries = new Map<number, KnownEntry>();
  /** Entries other than kept exits, in the order of reading, as are `keptExits`. */
  readonly body: KnownEntry[] = [];
  readonly keptExits: KnownEntry[] = [];
  /** First end of each run, by `runOf`. */
  readonly ends = new Map<string, KnownEntry>();

  readonly #byText = new Map<string, KnownEntry[]>();

  constructor(
    readonly line: LineageLine,
    /** Time after which no client reached it. */
    readonly overAt: number,
    history: readonly Recorded<HistoryLine>[],
    facts: Facts,
  ) {
    for (const { entry, keptExit, ref } of history) {
      const known = knownEntry(entry, parseCursor(entry[0]).offset, ref, facts);
      (keptExit ? this.keptExits : this.body).push(known);
      this.entries.set(known.offset, known);
      const same = this.#byText.get(known.text);
      if (same) same.push(known);
      else this.#byText.set(known.text, [known]);
    }
    const ends = [...this.entries.values()].filter(({ fact }) => endsRun(fact));
    for (const end of ends.sort((a, b) => a.offset - b.offset)) {
      const run = runOf(end.fact);
      if (!this.ends.has(run)) this.ends.set(run, end);
    }
  }

  get number(): number {
    return this.line.lineage;
  }

  get epoch(): string {
    return this.line.epoch;
  }

  get begunAt(): number {
    return this.line.at;
  }

  get ref(): LineRef {
    return this.line.ref;
  }

  /** Offset of the first kept entry. */
  get first(): number {
    return this.body[0]?.offset ?? 1;
  }

  get last(): number {
    return this.body.at(-1)?.offset ?? 0;
  }

  standing(cursor: string): Standing {
    const { epoch, offset, fingerprint } = parseCursor(cursor);
    if (epoch !== this.epoch || offset > this.last) return 'foreign';
    const isTrimmed = offset < this.first;
    // The position before the first kept entry has no fingerprint.
    if (fingerprint === 0) return isTrimmed && offset > 0 ? 'trimmed' : 'there';
    const entry = this.entries.get(offset);
    if (entry) return entry.cursor === cursor ? 'there' : 'foreign';
    return isTrimmed ? 'trimmed' : 'foreign';
  }

  /** Returns the entries with a fact: at most one unless there is a defect. */
  entriesOf(text: string): readonly KnownEntry[] {
    return this.#byText.get(text) ?? [];
  }

  /** Facts of several entries. */
  get repeated(): readonly (readonly KnownEntry[])[] {
    return [...this.#byText.values()].filter(({ length }) => length > 1);
  }

  /** Returns whether a client may have reached the lineage in a span of time. */
  overlaps(from: number, to: number): boolean {
    return from <= this.overAt && this.begunAt <= to;
  }
}
