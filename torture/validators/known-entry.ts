import { parseFact } from '../records/fact.js';
import type { Fact } from '../records/fact.js';
import type { EntryRecord } from '../records/lines.js';
import type { LineRef } from '../records/record-reader.js';

/** An entry that a client saw. */
export interface KnownEntry {
  readonly offset: number;
  readonly cursor: string;
  readonly text: string;
  readonly fact: Fact;
  /** Nanoseconds since 1970; undefined when only its publisher saw it. */
  readonly time: bigint | undefined;
  readonly ref: LineRef;
}

/** Cache of facts by their texts, because most texts repeat. */
export class Facts {
  readonly #known = new Map<string, Fact>();

  get(text: string): Fact {
    const known = this.#known.get(text) ?? parseFact(text);
    this.#known.set(text, known);
    return known;
  }
}

export function knownEntry(
  [cursor, text, time]: EntryRecord,
  offset: number,
  ref: LineRef,
  facts: Facts,
): KnownEntry {
  return { offset, cursor, text, fact: facts.get(text), time: BigInt(time), ref };
}
