import { FoghornError } from '../../protocol/errors.js';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.js';
import { PREFIX_BYTES } from './frames.js';

/** The parts of an HTTP/2 stream by which a reader accounts for bytes; see `Http2Stream`. */
export interface ByteLedger {
  consume(bytes: number): void;
  keep(bytes: number): void;
  release(bytes: number): void;
}

/** Flags of a message's prefix. */
const PLAIN = 0;
const COMPRESSED = 1;

/** Capacity that a message gets before more of it has arrived. */
const FIRST_CAPACITY = 64 * 1024;

/**
 * Splits the body of a request into gRPC messages. Bytes that arrived after the current message
 * stay unconsumed until they are asked for, which holds back the client.
 */
export class MessageReader {
  /** Whether the message that `next` returned last is compressed. */
  isCompressed = false;
  /** Arrived, and not looked at. */
  readonly #arrived: Buffer[] = [];
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** The current message as far as it is copied; undefined before its prefix is complete. */
  #message: Buffer | undefined;
  #filled = 0;
  #length = 0;

  constructor(private readonly ledger: ByteLedger) {}

  push(bytes: Buffer): void {
    this.#arrived.push(bytes);
  }

  /** Whether a message has begun and is not complete. */
  get isWithinMessage(): boolean {
    return this.#prefixBytes > 0 || this.#arrived.length > 0;
  }

  /**
   * The next complete message: a view of the arrived bytes if it came in one piece. Throws INTERNAL
   * for a flag that gRPC does not have, RESOURCE_EXHAUSTED for a prefix that announces a message
   * that is too large.
   */
  next(): Buffer | undefined {
    for (;;) {
      const [bytes] = this.#arrived;
      if (this.#prefixBytes < PREFIX_BYTES) {
        if (bytes === undefined) return undefined;
        this.#takePrefix(bytes);
      } else if (this.#message === undefined && (bytes?.length ?? 0) >= this.#length) {
        return this.#takeView(bytes ?? this.#prefix);
      } else if (this.#message?.length === this.#length && this.#filled === this.#length) {
        return this.#takeCopy(this.#message);
      } else {
        if (bytes === undefined) return undefined;
        this.#copy(bytes);
      }
    }
  }

  /** Forgets all bytes that have arrived. */
  discard(): void {
    for (const { length } of this.#arrived.splice(0)) this.ledger.consume(length);
    if (this.#filled > 0) this.ledger.release(this.#filled);
    this.#message = undefined;
    this.#prefixBytes = this.#filled = 0;
  }

  #takePrefix(bytes: Buffer): void {
    const count = Math.min(PREFIX_BYTES - this.#prefixBytes, bytes.length);
    bytes.copy(this.#prefix, this.#prefixBytes, 0, count);
    this.#prefixBytes += count;
    this.#drop(bytes, count);
    this.ledger.consume(count);
    if (this.#prefixBytes < PREFIX_BYTES) return;
    this.isCompressed = isCompressed(this.#prefix);
    this.#length = lengthIn(this.#prefix);
  }

  #takeView(bytes: Buffer): Buffer {
    const message = bytes.subarray(0, this.#length);
    if (this.#length > 0) this.#drop(bytes, this.#length);
    this.ledger.consume(this.#length);
    this.#prefixBytes = 0;
    return message;
  }

  #copy(bytes: Buffer): void {
    const count = Math.min(this.#length - this.#filled, bytes.length);
    const message = this.#grown(this.#filled + count);
    bytes.copy(message, this.#filled, 0, count);
    this.#message = message;
    this.#filled += count;
    this.#drop(bytes, count);
    this.ledger.keep(count);
  }

  /**
   * A prefix alone must not make the broker reserve 16 MiB, so the buffer grows with its content.
   */
  #grown(needed: number): Buffer {
    const message = this.#message;
    if (message !== undefined && message.length >= needed) return message;
    const capacity = Math.max(FIRST_CAPACITY, 2 * needed);
    const grown = Buffer.allocUnsafe(Math.min(this.#length, capacity));
    message?.copy(grown, 0, 0, this.#filled);
    return grown;
  }

  #takeCopy(message: Buffer): Buffer {
    this.ledger.release(this.#length);
    this.#message = undefined;
    this.#filled = 0;
    this.#prefixBytes = 0;
    return message;
  }

  #drop(bytes: Buffer, count: number): void {
    if (count === bytes.length) this.#arrived.shift();
    else this.#arrived[0] = bytes.subarray(count);
  }
}

/** Whether a prefix says that its message is compressed. Throws INTERNAL for an unknown flag. */
export function isCompressed(prefix: Buffer): boolean {
  const [flag] = prefix;
  if (flag === PLAIN || flag === COMPRESSED) return flag === COMPRESSED;
  throw new FoghornError('INTERNAL', `grpc: received unexpected payload format ${flag ?? ''}`);
}

/** The length in a prefix. Throws RESOURCE_EXHAUSTED for a message that is too large. */
export function lengthIn(prefix: Buffer): number {
  const length = prefix.readUInt32BE(1);
  if (length <= MAX_MESSAGE_BYTES) return length;
  throw messageTooLarge(length);
}

export function messageTooLarge(length: number): FoghornError {
  return new FoghornError(
    'RESOURCE_EXHAUSTED',
    `grpc: received message larger than max (${length} vs. ${MAX_MESSAGE_BYTES})`,
  );
}
