import { Field } from './field.js';

const EVICTED = new Field('', '');
/** Evicted entries that may stay at the front of the array before it is cut. */
const MAX_EVICTED = 256;

/** The fields that one side of a connection refers to by number (RFC 7541, section 2.3.2). */
export class DynamicTable {
  /** Changes whenever an index may refer to another field than before. */
  generation = 0;
  /** The newest entry is the last; those before `#first` are evicted. */
  #entries: Field[] = [];
  #first = 0;
  #size = 0;

  constructor(private maxSize: number) {}

  /** The entry that was added so many entries before the newest; undefined if there is none. */
  get(age: number): Field | undefined {
    const at = this.#entries.length - 1 - age;
    return at < this.#first ? undefined : this.#entries[at];
  }

  add(field: Field): void {
    this.generation += 1;
    this.#size += field.size;
    this.#entries.push(field);
    this.#evict();
  }

  resize(maxSize: number): void {
    this.generation += 1;
    this.maxSize = maxSize;
    this.#evict();
  }

  /** A field larger than the table empties it, and is not in it either (RFC 7541, section 4.4). */
  #evict(): void {
    while (this.#size > this.maxSize) {
      this.#size -= this.#entries[this.#first]?.size ?? 0;
      this.#entries[this.#first++] = EVICTED;
    }
    if (this.#first < MAX_EVICTED) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}
