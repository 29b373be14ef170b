import type { Duplex } from 'node:stream';
import { FoghornError } from '../../../protocol/errors.js';
import type { BodyScanner } from './body-scanner.js';
import { END_OF_HEAD } from './message-head.js';
import type { ReadBuffer, Receive } from './read-buffer.js';

const NOTHING = Buffer.alloc(0);
const ignore = (): void => undefined;

/**
 * Reads a socket at the pace of the caller. What is not taken stays with the peer. The bytes it
 * returns are valid until more are asked for.
 */
export class ByteSource {
  #unread: Buffer | undefined;
  #peeking: Promise<boolean> | undefined;
  #receive: Receive | undefined;
  #onEnd: () => void = ignore;

  /** @param buffer the memory that the socket is read into; by default a new one for each read */
  constructor(
    private readonly socket: Duplex,
    buffer?: ReadBuffer,
  ) {
    socket.on('error', ignore);
    const receive: Receive = (bytes) => this.#receive?.(bytes) ?? this.#keep(bytes);
    if (buffer !== undefined) buffer.passTo(receive);
    else {
      socket.pause();
      socket.on('data', (bytes: Buffer) => {
        if (!receive(bytes)) socket.pause();
      });
    }
    const end = (): void => {
      this.#onEnd();
    };
    socket.on('end', end).on('close', end);
  }

  /** Resolves with whether there are bytes to take; false once the peer has ended. */
  peek(): Promise<boolean> {
    if (this.#unread !== undefined) return Promise.resolve(true);
    this.#peeking ??= this.#read((bytes) => this.#keep(bytes)).then((hasMore) => {
      this.#peeking = undefined;
      return hasMore;
    });
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
    let writing: Promise<void> | undefined;
    const receive: Receive = (bytes) => {
      const count = body.scan(bytes);
      if (count < bytes.length) this.#keep(bytes.subarray(count));
      writing = write(count < bytes.length ? bytes.subarray(0, count) : bytes);
      return writing === undefined && !body.isComplete;
    };
    // Another caller may be waiting for the first bytes.
    if (!body.isComplete && !(await this.peek())) return false;
    while (!body.isComplete) {
      if (!(await this.#read(receive))) return false;
      await writing;
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
      parts.push(Buffer.from(part));
      length += part.length;
      last = seen.subarray(Math.max(0, seen.length - END_OF_HEAD.length + 1));
      if (length > maxBytes) throw tooLong(maxBytes);
    }
  }

  /**
   * Has all bytes received until `receive` wants no more. Resolves with false once the peer has
   * ended, and rejects with what `receive` throws.
   */
  #read(receive: Receive): Promise<boolean> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      const attempt: Receive = (bytes) => {
        try {
          if (receive(bytes)) return true;
          resolve(true);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        this.#receive = undefined;
        return false;
      };
      const unread = this.#take();
      if (unread !== undefined && !attempt(unread)) return;
      if (socket.readableEnded || socket.destroyed) {
        resolve(false);
        return;
      }
      this.#receive = attempt;
      this.#onEnd = () => {
        this.#receive = undefined;
        resolve(false);
      };
      socket.resume();
    });
  }

  #keep(bytes: Buffer): false {
    this.#unread = this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]);
    return false;
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
