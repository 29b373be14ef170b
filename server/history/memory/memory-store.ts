import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { FoghornError } from '../../../protos/errors.js';
import type { Clock } from '../../../protos/clock.js';
import { checkKey } from '../check-key.js';
import { entryTime } from '../entry-time.js';
import { firstOffset } from '../first-offset.js';
import type {
  Bounds,
  ContainerKey,
  EncodedEnvelope,
  Entry,
  EventStore,
  ReadLimit,
  Stop,
} from '../store.js';
import { TailListeners } from '../tail-listeners.js';

interface StoredEntry extends Entry {
  /** The greatest `entryTime` so far: never falls, so it can be searched. */
  readonly reached: bigint;
}

/** A history that is gone when the broker ends: for trying things out, and as the plainest reading of the contract. */
export class MemoryStore implements EventStore {
  readonly epoch = randomBytes(8).toString('hex');
  readonly durability = 'memory';
  /** The entry with offset n is at n - 1. */
  readonly #entries: StoredEntry[] = [];
  /** namespace → container → offsets. */
  readonly #keys = new Map<string, Map<string, number[]>>();
  readonly #listeners = new TailListeners();
  #storedBytes = 0;
  #closed = false;

  constructor(private readonly clock: Clock) {}

  async append(envelopes: readonly EncodedEnvelope[]): Promise<number> {
    this.#checkOpen();
    for (const { key } of envelopes) if (key !== undefined) checkKey(key);
    const firstNew = this.#entries.length + 1;
    for (const envelope of envelopes) this.#store(envelope);
    if (envelopes.length > 0) this.#listeners.tell(this.#entries.slice(firstNew - 1));
    return Promise.resolve(firstNew);
  }

  #store({ bytes, timestamp, key }: EncodedEnvelope): void {
    const previous = this.#entries.at(-1);
    const now = this.clock();
    const storedAt = previous !== undefined && previous.storedAt > now ? previous.storedAt : now;
    const time = entryTime(timestamp, storedAt);
    const reached = previous !== undefined && previous.reached > time ? previous.reached : time;
    const offset = this.#entries.length + 1;
    const envelope = Buffer.from(bytes);
    this.#entries.push({ offset, storedAt, reached, fingerprint: crc32(envelope), envelope });
    this.#storedBytes += envelope.length;
    if (key !== undefined) this.#file(key, offset);
  }

  #file({ namespace, container }: ContainerKey, offset: number): void {
    let containers = this.#keys.get(namespace);
    if (containers === undefined)
      this.#keys.set(namespace, (containers = new Map<string, number[]>()));
    const offsets = containers.get(container);
    if (offsets === undefined) containers.set(container, [offset]);
    else offsets.push(offset);
  }

  async read(after: number, limit: ReadLimit, key?: ContainerKey): Promise<Entry[]> {
    this.#checkOpen();
    const entries: Entry[] = [];
    let bytes = 0;
    for (const offset of this.#offsetsAfter(after, key)) {
      const entry = this.#entries[offset - 1];
      if (entry === undefined || entries.length >= limit.entries || bytes >= limit.bytes) break;
      entries.push(entry);
      bytes += entry.envelope.length;
    }
    return Promise.resolve(entries);
  }

  *#offsetsAfter(after: number, key: ContainerKey | undefined): Iterable<number> {
    if (key === undefined) {
      for (let offset = after + 1; offset <= this.#entries.length; offset++) yield offset;
      return;
    }
    const offsets = this.#keys.get(key.namespace)?.get(key.container) ?? [];
    const start = firstOffset(0, offsets.length - 1, (i) => (offsets[i] ?? 0) > after);
    for (let i = start; i < offsets.length; i++) yield offsets[i] ?? 0;
  }

  async *keys(namespace: string): AsyncIterable<ContainerKey> {
    this.#checkOpen();
    for (const container of this.#keys.get(namespace)?.keys() ?? []) {
      yield await Promise.resolve({ namespace, container });
    }
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    return Promise.resolve({
      first: 1,
      last: this.#entries.length,
      firstStoredAt: this.#entries[0]?.storedAt ?? 0n,
      lastStoredAt: this.#entries.at(-1)?.storedAt ?? 0n,
      storedBytes: this.#storedBytes,
    });
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    const reached = (offset: number): boolean => (this.#entries[offset - 1]?.reached ?? 0n) >= time;
    return Promise.resolve(firstOffset(1, this.#entries.length, reached));
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #checkOpen(): void {
    if (this.#closed) throw new FoghornError('UNAVAILABLE', 'the store is closed');
  }
}
