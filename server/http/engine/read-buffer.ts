/** Bytes of a new buffer: a request's or response's head fits, and idle connections keep it. */
const SMALL_BYTES = 512;
/** Each read that fills a buffer makes the next one as many times larger. */
const GROWTH = 8;
const MAX_BYTES = SMALL_BYTES * GROWTH ** 3;

/** Takes bytes that are valid until the next read; returns whether to read on. */
export type Receive = (bytes: Buffer) => boolean;

/**
 * The memory that a socket is read into again and again. A new buffer for each read costs most of
 * what it takes to pass a body on, because Node's garbage collector has to find it again.
 */
export class ReadBuffer {
  #buffer = Buffer.allocUnsafe(SMALL_BYTES);
  #receive: Receive = () => false;

  /** The option of a socket that connects; set before the socket is given to others. */
  readonly onread = {
    buffer: (): Buffer => this.#buffer,
    callback: (count: number, into: Uint8Array): boolean => {
      const buffer = this.#buffer;
      const readsOn = this.#receive((into as Buffer).subarray(0, count));
      if (count === buffer.length && count < MAX_BYTES) {
        this.#buffer = Buffer.allocUnsafe(count * GROWTH);
      } else if (count < SMALL_BYTES && buffer.length > SMALL_BYTES) {
        this.#buffer = Buffer.allocUnsafe(SMALL_BYTES);
      }
      return readsOn;
    },
  };

  /** Names the receiver of all bytes; called once, before the first read. */
  passTo(receive: Receive): void {
    this.#receive = receive;
  }
}
