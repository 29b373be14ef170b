import { FoghornError } from '../../protocol/errors.js';
import type { ContainerState } from './container-state.js';
import { SortedList } from './sorted-list.js';

/** A container and what it was filed under, because its state changes in place. */
interface Filed {
  readonly state: ContainerState;
  readonly name: string;
  /** ns since 1970; 0 when it was not reported. */
  readonly createdAt: bigint;
}

/** Most names have one container, but a name may be used again for each of thousands. */
type Namesakes = ContainerState | Set<ContainerState>;

/** Approximate bytes of a container here and of its state, besides its texts. */
const CONTAINER_BYTES = 500;

/** Finds containers by id, name and the beginning of an id without looking at all of them. */
export class ContainerIndex {
  readonly #byId = new Map<string, Filed>();
  readonly #byName = new Map<string, Namesakes>();
  readonly #ids = new SortedList<string>(compareText);
  readonly #newestFirst = new SortedList<Filed>(newestFirst);

  #bytes = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** Approximate bytes of all that is filed, without labels and images. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The container that was filed first and not since. */
  get first(): ContainerState | undefined {
    const [first] = this.#byId.values();
    return first?.state;
  }

  /** Adds a container, or files it anew after its state has changed. */
  file(state: ContainerState): void {
    const { id, name, createdAt = 0n } = state;
    const before = this.#byId.get(id);
    if (before?.state === state && before.name === name && before.createdAt === createdAt) return;
    this.delete(id);
    const filed: Filed = { state, name, createdAt };
    this.#byId.set(id, filed);
    this.#fileName(name, state);
    this.#ids.add(id);
    this.#newestFirst.add(filed);
    this.#bytes += bytesOf(filed);
  }

  get(id: string): ContainerState | undefined {
    return this.#byId.get(id)?.state;
  }

  delete(id: string): void {
    const filed = this.#byId.get(id);
    if (filed === undefined) return;
    this.#byId.delete(id);
    this.#unfileName(filed);
    this.#ids.delete(id);
    this.#newestFirst.delete(filed);
    this.#bytes -= bytesOf(filed);
  }

  #fileName(name: string, state: ContainerState): void {
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, state);
    else if (known instanceof Set) known.add(state);
    else this.#byName.set(name, new Set([known, state]));
  }

  #unfileName({ name, state }: Filed): void {
    const known = this.#byName.get(name);
    if (known instanceof Set) known.delete(state);
    if (known === state || (known instanceof Set && known.size === 0)) this.#byName.delete(name);
  }

  /** A copy, the newest first. */
  newestFirst(): ContainerState[] {
    return this.#newestFirst.toArray().map(({ state }) => state);
  }

  /**
   * The id that is meant by a whole id, a name with or without a slash, or the beginning of an id.
   * Throws INVALID_ARGUMENT for the beginning of several.
   */
  find(reference: string): string | undefined {
    if (this.#byId.has(reference)) return reference;
    const name = reference.startsWith('/') ? reference.slice(1) : reference;
    return newest(this.#byName.get(name))?.id ?? this.#beginningWith(reference);
  }

  #beginningWith(prefix: string): string | undefined {
    let found: string | undefined;
    for (const id of this.#ids.from(prefix)) {
      if (!id.startsWith(prefix)) break;
      if (found !== undefined) throw ambiguous(prefix);
      found = id;
    }
    return found;
  }
}

/** The one with the newest event. */
function newest(namesakes: Namesakes | undefined): ContainerState | undefined {
  if (!(namesakes instanceof Set)) return namesakes;
  let found: ContainerState | undefined;
  for (const state of namesakes) {
    if (found === undefined || state.offset > found.offset) found = state;
  }
  return found;
}

function bytesOf({ state: { id }, name }: Filed): number {
  return CONTAINER_BYTES + 2 * (id.length + name.length);
}

function ambiguous(prefix: string): FoghornError {
  return new FoghornError(
    'INVALID_ARGUMENT',
    `multiple IDs found with provided prefix: ${prefix.slice(0, 80)}`,
  );
}

function newestFirst(one: Filed, other: Filed): number {
  if (one.createdAt !== other.createdAt) return one.createdAt > other.createdAt ? -1 : 1;
  return compareText(one.state.id, other.state.id);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
