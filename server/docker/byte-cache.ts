interface Cached<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Values within a budget of bytes. Those that were used least recently are evicted. */
export class ByteCache<Key, Value> {
  readonly #cached = new Map<Key, Cached<Value>>();
  #bytes = 0;

  constructor(private readonly budget: number) {}

  /** Bytes of all values, as they were given. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: Key): Value | undefined {
    const cached = this.#cached.get(key);
    if (cached === undefined) return undefined;
    // A map is in the order of insertion.
    this.#cached.delete(key);
    this.#cached.set(key, cached);
    return cached.value;
  }

  /** Keeps a value, or notes its new size. A value that exceeds the budget alone is not kept. */
  set(key: Key, value: Value, bytes: number): void {
    this.#delete(key);
    if (bytes > this.budget) return;
    this.#cached.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#cached.keys()) {
      if (this.#bytes <= this.budget) return;
      this.#delete(oldest);
    }
  }

  clear(): void {
    this.#cached.clear();
    this.#bytes = 0;
  }

  #delete(key: Key): void {
    this.#bytes -= this.#cached.get(key)?.bytes ?? 0;
    this.#cached.delete(key);
  }
}
