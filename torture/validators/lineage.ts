import { parseCursor } from '../../server/events/cursor.js';
import { endsRun, runOf } from '../records/fact.js';
import type { BrokerLine, HistoryLine } from '../records/lines.js';
import type { LineRef, Recorded } from '../records/record-reader.js';
import { knownEntry } from './known-entry.js';
import type { Facts, KnownEntry } from './known-entry.js';

/** Whether an entry is in a lineage; `trimmed` when nobody can tell any more. */
export type Standing = 'there' | 'trimmed' | 'foreign';

export type LineageLine = Recorded<Extract<BrokerLine, { kind: 'lineage' }>>;

/** One course of history, as it was when it was over. */
export class Lineage {
  /** By offset, kept exits and all. */
  readonly entries = new Map<number, KnownEntry>();
  /** The entries that are no kept exits, in the order in which they were read; so are `keptExits`. */
  readonly body: KnownEntry[] = [];
  readonly keptExits: KnownEntry[] = [];
  /** The first end of each run, by `runOf`. */
  readonly ends = new Map<string, KnownEntry>();

  readonly #byText = new Map<string, KnownEntry[]>();

  constructor(
    readonly line: LineageLine,
    /** When no client reached it any longer. */
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

  /** Offset of the first entry kept. */
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
    // The place before the first entry kept has no fingerprint.
    if (fingerprint === 0) return isTrimmed && offset > 0 ? 'trimmed' : 'there';
    const entry = this.entries.get(offset);
    if (entry) return entry.cursor === cursor ? 'there' : 'foreign';
    return isTrimmed ? 'trimmed' : 'foreign';
  }

  /** The entries that tell this fact: at most one, if all is well. */
  entriesOf(text: string): readonly KnownEntry[] {
    return this.#byText.get(text) ?? [];
  }

  /** Facts that several entries tell. */
  get repeated(): readonly (readonly KnownEntry[])[] {
    return [...this.#byText.values()].filter(({ length }) => length > 1);
  }

  /** Whether a client may have met it in this time. */
  overlaps(from: number, to: number): boolean {
    return from <= this.overAt && this.begunAt <= to;
  }
}
