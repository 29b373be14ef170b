import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import { readEncodedAny, type EncodedAny } from '../../protocol/wire/any.js';
import { decodeTrace } from '../../protocol/wire/trace.js';
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
  /** The trace that the event belongs to, if any. */
  readonly trace: TraceContext | undefined;
}

/**
 * The fields of an envelope that this process has made. They are known before the envelope is
 * stored, so its delivery need not decode it.
 */
export class AcceptedFields implements EventFields {
  readonly #typeUrl: string | undefined;
  readonly #valueBegin: number;
  readonly #valueEnd: number;

  /**
   * @param event the payload
   * @param eventEnd where its bytes end in the envelope
   */
  constructor(
    private readonly envelope: Buffer,
    readonly timestamp: bigint,
    readonly namespace: string,
    readonly topic: string,
    readonly subject: Subject | undefined,
    event: EncodedAny | undefined,
    eventEnd: number,
  ) {
    // The payload's own bytes are part of a request, which must not be kept.
    const eventBegin = eventEnd - (event?.bytes.length ?? 0);
    this.#typeUrl = event?.typeUrl;
    this.#valueBegin = eventBegin + (event?.valueBegin ?? 0);
    this.#valueEnd = eventBegin + (event?.valueEnd ?? 0);
  }

  get payload(): Any | undefined {
    const typeUrl = this.#typeUrl;
    if (typeUrl === undefined) return undefined;
    return { typeUrl, value: this.envelope.subarray(this.#valueBegin, this.#valueEnd) };
  }

  get trace(): TraceContext | undefined {
    return undefined;
  }
}

/** Those of an envelope with a trace: a class of its own, because most events have none. */
export class TracedFields extends AcceptedFields {
  readonly #trace: TraceContext;

  constructor(
    trace: TraceContext,
    ...[envelope, timestamp, namespace, topic, subject, event, eventEnd]: ConstructorParameters<
      typeof AcceptedFields
    >
  ) {
    super(envelope, timestamp, namespace, topic, subject, event, eventEnd);
    this.#trace = trace;
  }

  override get trace(): TraceContext {
    return this.#trace;
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

  get trace(): TraceContext | undefined {
    return decodeTrace(this.envelope.trace);
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
