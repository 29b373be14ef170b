/** Each read that fills a buffer makes the next one as many times larger. */
const GROWTH = 8;
const MAX_BYTES = 256 * 1024;
/** A shorter read shows that no more large ones follow. */
const SMALL_READ_BYTES = 512;

/** Takes bytes that are valid until the next read; returns whether to read on. */
export type Receive = (bytes: Buffer) => boolean;

/** Makes the memory that all sockets share on which little arrives. */
export function sharedMemory(): Buffer {
  return Buffer.allocUnsafeSlow(MAX_BYTES / GROWTH ** 2);
}

/**
 * The memory that a socket is read into again and again. A new buffer for each read costs most of
 * what it takes to pass a body on, because Node's garbage collector has to find it again. Idle
 * sockets have no memory of their own: short reads go into the shared one, and are copied.
 */
export class ReadBuffer {
  #own: Buffer | undefined;
  #receive: Receive = () => false;

  constructor(private readonly shared: Buffer) {}

  /** The option of a socket, which is set before it reads. */
  readonly onread = {
    buffer: (): Buffer => this.#own ?? this.shared,
    callback: (count: number, into: Uint8Array): boolean => {
      const bytes = (into as Buffer).subarray(0, count);
      const readsOn = this.#receive(this.#own === undefined ? Buffer.from(bytes) : bytes);
      if (count === into.length && count < MAX_BYTES) {
        this.#own = Buffer.allocUnsafeSlow(count * GROWTH);
      } else if (count < SMALL_READ_BYTES) this.#own = undefined;
      return readsOn;
    },
  };

  /** Names the receiver of all bytes; called once, before the first read. */
  passTo(receive: Receive): void {
    this.#receive = receive;
  }
}
