import { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { encode } from '../encodable.js';

/** Those that wait are in memory once as long as it matters: a larger one is encoded again when it goes out. */
const KEPT_BYTES = 64 * 1024;

/** An event to be stored, which is known to be one that can be encoded. */
export class EncodedEvent {
  /** What it takes in a message. */
  readonly bytes: number;
  readonly #kept: Uint8Array | undefined;

  /** Throws INVALID_ARGUMENT for one that cannot be encoded. */
  constructor(readonly event: NewEvent) {
    const encoded = encode(NewEvent, event);
    this.bytes = encoded.length;
    if (this.bytes <= KEPT_BYTES) this.#kept = encoded;
  }

  /** An encoded foghorn.v1.NewEvent. */
  encode(): Uint8Array {
    return this.#kept ?? encode(NewEvent, this.event);
  }
}
