import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import { readEncodedAny, type EncodedAny } from '../../protocol/wire/any.js';
import { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { subjectOf, type Subject } from './container-key.js';

/** The fields of an envelope. */
export interface EventFields {
  /** When the event happened, ns since 1970. */
  readonly timestamp: bigint;
  readonly namespace: string;
  readonly topic: string;
  /** The container that the event is about, if any. */
  readonly subject: Subject | undefined;
  /** The payload, still encoded; undefined when it is missing or not an Any. */
  readonly payload: Any | undefined;
}

/**
 * The fields of an envelope that this process has made. They are known before the envelope is
 * stored, so its delivery need not decode it.
 */
export class AcceptedFields implements EventFields {
  readonly #typeUrl: string | undefined;
  readonly #valueBegin: number;
  readonly #valueEnd: number;

  /** @param event the payload, whose bytes are the last ones of the envelope */
  constructor(
    private readonly envelope: Buffer,
    readonly timestamp: bigint,
    readonly namespace: string,
    readonly topic: string,
    readonly subject: Subject | undefined,
    event: EncodedAny | undefined,
  ) {
    // The payload's own bytes are part of a request, which must not be kept.
    const eventBegin = envelope.length - (event?.bytes.length ?? 0);
    this.#typeUrl = event?.typeUrl;
    this.#valueBegin = eventBegin + (event?.valueBegin ?? 0);
    this.#valueEnd = eventBegin + (event?.valueEnd ?? 0);
  }

  get payload(): Any | undefined {
    const typeUrl = this.#typeUrl;
    if (typeUrl === undefined) return undefined;
    return { typeUrl, value: this.envelope.subarray(this.#valueBegin, this.#valueEnd) };
  }
}

/** The fields of an encoded containerd.types.Envelope. */
export function decodedFields(envelope: Uint8Array): EventFields {
  return new DecodedFields(OpaqueEnvelope.decode(envelope));
}

/** Reads the payload when it is first asked for. */
class DecodedFields implements EventFields {
  #any: EncodedAny | null | undefined;
  #subject: Subject | null | undefined;

  constructor(private readonly envelope: OpaqueEnvelope) {}

  get timestamp(): bigint {
    const { timestamp } = this.envelope;
    return timestamp === undefined ? 0n : nanosFromTimestamp(timestamp);
  }

  get namespace(): string {
    return this.envelope.namespace;
  }

  get topic(): string {
    return this.envelope.topic;
  }

  get subject(): Subject | undefined {
    if (this.#subject === undefined)
      this.#subject = (this.#event && subjectOf(this.#event)) ?? null;
    return this.#subject ?? undefined;
  }

  get payload(): Any | undefined {
    const any = this.#event;
    if (any === undefined) return undefined;
    const { typeUrl, bytes, valueBegin, valueEnd } = any;
    return { typeUrl, value: bytes.subarray(valueBegin, valueEnd) };
  }

  get #event(): EncodedAny | undefined {
    if (this.#any === undefined) this.#any = readAny(this.envelope.event) ?? null;
    return this.#any ?? undefined;
  }
}

function readAny(event: Uint8Array | undefined): EncodedAny | undefined {
  try {
    return event && readEncodedAny(event);
  } catch {
    return undefined;
  }
}
