import { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import { Any } from '../../protos/gen/google/protobuf/any.js';
import type { DecodedPayload, PayloadType, PayloadTypes } from '../../protocol/payload-types.js';
import { CURSOR_FIELD_BYTES, writeCursorHead } from '../../protocol/wire/entry.js';
import type { CursorWriter } from './cursor.js';
import { subjectOf, type Subject } from './container-key.js';
import { lookupField } from './payload-fields.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';

/** What of a stored entry a view needs. */
interface StoredEntry {
  readonly offset: number;
  readonly storedAt: bigint;
  readonly fingerprint: number;
  readonly envelope: Uint8Array;
}

/**
 * An entry as readers see it. All subscriptions share one view of an entry, and whatever is decoded or encoded
 * for one of them is kept for the others; nothing is decoded that nobody asks for.
 */
export class EventView {
  #envelope: OpaqueEnvelope | undefined;
  #payload: { type: PayloadType; message: DecodedPayload } | null | undefined;
  #subject: Subject | null | undefined;
  #cursor: string | undefined;
  #wire: Uint8Array | undefined;

  constructor(
    private readonly entry: StoredEntry,
    private readonly cursors: CursorWriter,
    private readonly types: PayloadTypes,
  ) {}

  /** The entry's place, to resume after it. */
  get cursor(): string {
    this.#cursor ??= this.cursors.cursor(this.entry.offset, this.entry.fingerprint);
    return this.#cursor;
  }

  get offset(): number {
    return this.entry.offset;
  }

  get storedAt(): bigint {
    return this.entry.storedAt;
  }

  /** When the event happened, ns since 1970. */
  get timestamp(): bigint {
    const { timestamp } = this.#decoded();
    return timestamp === undefined ? 0n : nanosFromTimestamp(timestamp);
  }

  get namespace(): string {
    return this.#decoded().namespace;
  }

  /** What the event is filed under, if anything: see `Subject.container`. */
  get container(): string | undefined {
    return this.#about()?.container;
  }

  /** Whether it tells of the container itself and not of an exec in it: see `Filing.isLifecycle`. */
  get isLifecycle(): boolean {
    return this.#about()?.isLifecycle ?? false;
  }

  /** The payload, still encoded; undefined when there is none or the bytes are no Any. */
  get payload(): Any | undefined {
    const { event } = this.#decoded();
    return event && decodeAny(event);
  }

  /** An encoded foghorn.v1.Entry: the envelope's bytes as they are stored, and the cursor after them. */
  get wire(): Uint8Array {
    if (this.#wire === undefined) {
      const wire = Buffer.allocUnsafe(this.wireBytes);
      this.writeWire(wire, 0);
      this.#wire = wire;
    }
    return this.#wire;
  }

  /** Length of `wire`. */
  get wireBytes(): number {
    return this.entry.envelope.length + CURSOR_FIELD_BYTES;
  }

  /** Writes `wire` from `at` on, for one who needs it only once. */
  writeWire(into: Uint8Array, at: number): void {
    if (this.#wire !== undefined) {
      into.set(this.#wire, at);
      return;
    }
    const { envelope, offset, fingerprint } = this.entry;
    into.set(envelope, at);
    const cursorAt = writeCursorHead(into, at + envelope.length);
    this.cursors.write(into, cursorAt, offset, fingerprint);
  }

  /** What filters see: namespace, topic and event.*; a function of its own, so that it can be handed on. */
  readonly field = (path: readonly string[]): string | undefined => {
    switch (path[0]) {
      case 'namespace':
        return this.#decoded().namespace || undefined;
      case 'topic':
        return this.#decoded().topic || undefined;
      case 'event': {
        const payload = this.#decodedPayload();
        return payload && lookupField(payload.type, payload.message, path.slice(1));
      }
      default:
        return undefined;
    }
  };

  #decoded(): OpaqueEnvelope {
    this.#envelope ??= OpaqueEnvelope.decode(this.entry.envelope);
    return this.#envelope;
  }

  #about(): Subject | undefined {
    if (this.#subject === undefined) {
      const { event } = this.#decoded();
      this.#subject = (event && subjectOf(event)) ?? null;
    }
    return this.#subject ?? undefined;
  }

  #decodedPayload(): { type: PayloadType; message: DecodedPayload } | undefined {
    if (this.#payload === undefined) this.#payload = decodePayload(this.#decoded(), this.types);
    return this.#payload ?? undefined;
  }
}

function decodeAny(event: Uint8Array): Any | undefined {
  try {
    return Any.decode(event);
  } catch {
    return undefined;
  }
}

/** Null for a payload that is absent, unknown or no such message: it is delivered, but has no fields. */
function decodePayload(
  { event }: OpaqueEnvelope,
  types: PayloadTypes,
): { type: PayloadType; message: DecodedPayload } | null {
  if (event === undefined) return null;
  try {
    const { typeUrl, value } = Any.decode(event);
    const type = types.find(typeUrl);
    return type === undefined ? null : { type, message: type.decode(value) };
  } catch {
    return null;
  }
}
