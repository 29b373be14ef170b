import { MAX_EVENT_BYTES } from '../../protocol/limits.js';
import {
  maxPublishEventSize,
  writeEventHead,
  writeForwardEvent,
  writePublishEvent,
} from '../../protocol/wire/append-request.js';
import { isOrdinary } from '../../protocol/wire/publication.js';
import { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { Envelope } from '../../protos/gen/containerd/types/event.js';
import { withTrace } from '../../protocol/wire/trace.js';
import { fieldSize, MAX_HEAD_BYTES } from '../../protocol/wire/writer.js';
import { checkSize, encode } from '../encodable.js';
import type { TracedEnvelope } from './publication.js';

/** Encoded events one after the other, which together are an encoded foghorn.v1.AppendRequest. */
export class EventFrames {
  #bytes: Buffer;
  #length = 0;

  /** @param expected approximate size in bytes */
  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafe(expected);
  }

  get length(): number {
    return this.#length;
  }

  /**
   * Adds an event. Throws INVALID_ARGUMENT, and adds nothing, for one that cannot be encoded or is
   * too large.
   */
  add({ event }: NewEvent): void {
    if (event?.$case === 'publish' && isOrdinary(event.value)) {
      const maxSize = maxPublishEventSize(event.value);
      if (maxSize <= MAX_EVENT_BYTES) {
        this.#reserve(maxSize);
        this.#length = writePublishEvent(this.#bytes, this.#length, event.value);
        return;
      }
    }
    if (event?.$case === 'forward') {
      this.addForward(encodeTraced(event.value));
      return;
    }
    const encoded = encodeNew(event);
    checkSize(encoded.length, MAX_EVENT_BYTES);
    this.#reserve(MAX_HEAD_BYTES + encoded.length);
    const begin = writeEventHead(this.#bytes, this.#length, encoded.length);
    this.#bytes.set(encoded, begin);
    this.#length = begin + encoded.length;
  }

  /** Adds an encoded envelope to be forwarded. Throws INVALID_ARGUMENT for one too large. */
  addForward(envelope: Uint8Array): void {
    checkSize(fieldSize(envelope.length), MAX_EVENT_BYTES);
    this.#reserve(2 * MAX_HEAD_BYTES + envelope.length);
    this.#length = writeForwardEvent(this.#bytes, this.#length, envelope);
  }

  /** Returns encoded events without copying them. They never change. */
  slice(begin = 0, end = this.#length): Buffer {
    return this.#bytes.subarray(begin, end);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.slice());
    this.#bytes = grown;
  }
}

/**
 * Encodes a foghorn.v1.AppendRequest. Throws INVALID_ARGUMENT for an event that cannot be encoded
 * or is too large.
 */
export function encodeEvents(events: readonly NewEvent[]): Buffer {
  const frames = new EventFrames(1024);
  for (const event of events) frames.add(event);
  return frames.slice();
}

/** Encodes a foghorn.v1.AppendRequest of encoded envelopes, which are forwarded as they are. */
export function encodeForwards(envelopes: readonly Uint8Array[]): Buffer {
  const frames = new EventFrames(1024);
  for (const envelope of envelopes) frames.addForward(envelope);
  return frames.slice();
}

/** Encodes an envelope with its trace, as far as that fits: see `withTrace`. */
export function encodeTraced(envelope: TracedEnvelope): Uint8Array {
  const bytes = encode(Envelope, envelope);
  return envelope.trace === undefined ? bytes : withTrace(bytes, envelope.trace);
}

/** Encodes an event with its trace, unless it is too large with it. */
function encodeNew(event: NewEvent['event']): Uint8Array {
  const bytes = encode(NewEvent, { event });
  if (bytes.length <= MAX_EVENT_BYTES || event?.$case !== 'publish') return bytes;
  const value = { ...event.value, trace: undefined };
  return encode(NewEvent, { event: { $case: 'publish', value } });
}
