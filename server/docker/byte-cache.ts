interface Cached<Value> {
  readonly value: Value;
  readonly bytes: number;
  /** Whether it was used since it became the newest. */
  isUsed: boolean;
}

/**
 * Values within a budget of bytes. The oldest that was not used lately is evicted: a use only sets
 * a flag, because moving a value within the map at each use costs more than most values save.
 */
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
    cached.isUsed = true;
    return cached.value;
  }

  /** Keeps a value, or notes its new size. A value that exceeds the budget alone is not kept. */
  set(key: Key, value: Value, bytes: number): void {
    this.#delete(key);
    if (bytes > this.budget) return;
    this.#cached.set(key, { value, bytes, isUsed: false });
    this.#bytes += bytes;
    if (this.#bytes > this.budget) this.#evict();
  }

  clear(): void {
    this.#cached.clear();
    this.#bytes = 0;
  }

  /** Passes the values in the order of insertion; those that were used become the newest. */
  #evict(): void {
    for (const [key, cached] of this.#cached) {
      this.#cached.delete(key);
      if (cached.isUsed) {
        cached.isUsed = false;
        this.#cached.set(key, cached);
        continue;
      }
      this.#bytes -= cached.bytes;
      if (this.#bytes <= this.budget) return;
    }
  }

  #delete(key: Key): void {
    this.#bytes -= this.#cached.get(key)?.bytes ?? 0;
    this.#cached.delete(key);
  }
}
