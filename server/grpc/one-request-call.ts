import { FoghornError, type ErrorCode } from '../../protocol/errors.js';
import type { ServerStreamMethod, UnaryMethod } from '../services/service.js';
import { decompress } from './encoding.js';
import { PREFIX_BYTES } from './frames.js';
import { GrpcCall } from './grpc-call.js';
import { MessageReader } from './message-reader.js';

/** How grpc-go answers requests that it cannot read; the kinds of calls differ. */
export interface ReadErrors {
  /** For a request that ends within a message. */
  readonly truncated: ErrorCode;
  /** Before the reason why a message cannot be decoded. */
  readonly undecodable: string;
}

export const UNARY_ERRORS: ReadErrors = {
  truncated: 'UNKNOWN',
  undecodable: 'grpc: error unmarshalling request: ',
};
export const STREAM_ERRORS: ReadErrors = {
  truncated: 'INTERNAL',
  undecodable: 'grpc: failed to unmarshal the received message ',
};

/**
 * A call with one request message. It is handled as soon as the message is complete; bytes after it
 * are ignored, as in grpc-go.
 */
export abstract class OneRequestCall<
  M extends UnaryMethod | ServerStreamMethod,
> extends GrpcCall<M> {
  protected abstract readonly errors: ReadErrors;
  #reader: MessageReader | undefined;
  #hasRequest = false;

  /** Takes the decoded request. */
  protected abstract handle(request: unknown): void;

  onData(bytes: Buffer): void {
    const { stream } = this;
    if (this.#hasRequest || this.isOver) {
      stream.consume(bytes.length);
    } else if (this.#reader === undefined && isPlainFrame(bytes)) {
      stream.consume(bytes.length);
      this.#hasRequest = true;
      this.#decode(bytes.subarray(PREFIX_BYTES));
    } else {
      this.#reader ??= new MessageReader(stream);
      this.#reader.push(bytes);
      this.#read(this.#reader);
    }
  }

  onEnd(): void {
    if (this.#hasRequest || this.isOver) return;
    const isEmpty = this.#reader?.isWithinMessage !== true;
    this.fail(
      isEmpty
        ? new FoghornError('UNKNOWN', 'EOF')
        : new FoghornError(this.errors.truncated, 'unexpected EOF'),
    );
  }

  #read(reader: MessageReader): void {
    try {
      const message = reader.next();
      if (message === undefined) return;
      this.#hasRequest = true;
      this.#reader = undefined;
      reader.discard();
      if (reader.isCompressed) this.#decompress(message);
      else this.#decode(message);
    } catch (error) {
      this.fail(error);
    }
  }

  #decompress(message: Buffer): void {
    decompress(message, this.head.encoding).then(
      (plain) => {
        if (!this.isOver) this.#decode(plain);
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  #decode(message: Buffer): void {
    let request: unknown;
    try {
      request = this.method.decode(message);
    } catch (error) {
      this.fail(undecodable(error, this.errors));
      return;
    }
    try {
      this.handle(request);
    } catch (error) {
      this.fail(error);
    }
  }
}

export function undecodable(error: unknown, { undecodable: text }: ReadErrors): FoghornError {
  return new FoghornError('INTERNAL', text + (error as Error).message, { cause: error });
}

/** Whether bytes are exactly one message, not compressed, as nearly always. */
function isPlainFrame(bytes: Buffer): boolean {
  return (
    bytes.length >= PREFIX_BYTES &&
    bytes[0] === 0 &&
    bytes.readUInt32BE(1) === bytes.length - PREFIX_BYTES
  );
}
