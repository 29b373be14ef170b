import type { Duplex } from 'node:stream';
import { FoghornError } from '../../../protocol/errors.js';
import type { BodyScanner } from './body-scanner.js';
import { END_OF_HEAD } from './message-head.js';

const NOTHING = Buffer.alloc(0);

/** Reads a socket at the pace of the caller. What is not taken stays with the peer. */
export class ByteSource {
  #unread: Buffer | undefined;
  #peeking: Promise<boolean> | undefined;
  #onChange: () => void = () => undefined;

  constructor(private readonly socket: Duplex) {
    socket.on('error', () => undefined);
    for (const change of ['readable', 'end', 'close']) {
      socket.on(change, () => {
        this.#onChange();
      });
    }
  }

  /** Resolves with whether there are bytes to take; false once the peer has ended. */
  peek(): Promise<boolean> {
    if (this.#unread !== undefined) return Promise.resolve(true);
    this.#peeking ??= this.#read().finally(() => (this.#peeking = undefined));
    return this.#peeking;
  }

  /** Resolves with the next bytes, and with undefined once the peer has ended. */
  async next(): Promise<Buffer | undefined> {
    return (await this.peek()) ? this.#take() : undefined;
  }

  /** Returns the bytes that are here already, if any. */
  #take(): Buffer | undefined {
    const bytes = this.#unread;
    this.#unread = undefined;
    return bytes;
  }

  /** Bytes that were taken are to be taken again, before all others. */
  putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#unread = this.#unread === undefined ? bytes : Buffer.concat([bytes, this.#unread]);
  }

  /** Returns the part of a body that is here already, without what follows the body. */
  takeBody(body: BodyScanner): Buffer {
    const bytes = this.#take() ?? NOTHING;
    const count = body.scan(bytes);
    this.putBack(bytes.subarray(count));
    return bytes.subarray(0, count);
  }

  /**
   * Passes on the rest of a body as it arrives, at the pace of `write`. Resolves with whether it is
   * complete; false if the peer has ended before.
   */
  async passBody(
    body: BodyScanner,
    write: (bytes: Buffer) => Promise<void> | undefined,
  ): Promise<boolean> {
    while (!body.isComplete) {
      if (!(await this.peek())) return false;
      await write(this.takeBody(body));
    }
    return true;
  }

  /**
   * Resolves with the head of the next message, and with undefined if the peer ended before it was
   * complete.
   *
   * @throws FoghornError RESOURCE_EXHAUSTED for a longer head
   */
  async head(maxBytes: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let length = 0;
    let last = Buffer.alloc(0);
    for (;;) {
      const bytes = await this.next();
      if (bytes === undefined) return undefined;
      // Empty lines before a message are to be ignored.
      const part = length === 0 ? bytes.subarray(lineEndsAt(bytes)) : bytes;
      // The end of the head may be divided among reads.
      const seen = Buffer.concat([last, part]);
      const found = seen.indexOf(END_OF_HEAD);
      if (found >= 0 && length + found <= maxBytes) {
        const end = found + END_OF_HEAD.length - last.length;
        this.putBack(part.subarray(end));
        return Buffer.concat([...parts, part.subarray(0, end)]);
      }
      parts.push(part);
      length += part.length;
      last = seen.subarray(Math.max(0, seen.length - END_OF_HEAD.length + 1));
      if (length > maxBytes) throw tooLong(maxBytes);
    }
  }

  async #read(): Promise<boolean> {
    const { socket } = this;
    for (;;) {
      const bytes = socket.read() as Buffer | null;
      if (bytes !== null) {
        this.#unread = bytes;
        return true;
      }
      if (socket.readableEnded || socket.destroyed) return false;
      await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
  }
}

function lineEndsAt(bytes: Buffer): number {
  let count = 0;
  while (bytes[count] === 0x0d && bytes[count + 1] === 0x0a) count += 2;
  return count;
}

function tooLong(maxBytes: number): FoghornError {
  return new FoghornError(
    'RESOURCE_EXHAUSTED',
    `the head of the message is longer than ${maxBytes} bytes`,
  );
}
