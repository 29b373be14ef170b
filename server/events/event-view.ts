import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { DecodedPayload, PayloadType, PayloadTypes } from '../../protocol/payload-types.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import { CURSOR_FIELD_BYTES, writeCursorHead } from '../../protocol/wire/entry.js';
import type { CursorWriter } from './cursor.js';
import { AcceptedFields, decodedFields, type EventFields } from './event-fields.js';
import { lookupField } from './payload-fields.js';

/** The parts of a stored entry that a view needs. */
interface ViewableEntry {
  readonly offset: number;
  readonly storedAt: bigint;
  readonly fingerprint: number;
  readonly envelope: Uint8Array;
  /** AcceptedFields if this process has appended the entry; see the store's `tail`. */
  readonly origin?: unknown;
}

/** The value of a field that filters see. */
type Lookup = (path: readonly string[]) => string | undefined;

/**
 * An entry as readers see it. All subscriptions share one view of an entry, and keep for each
 * other what is decoded or encoded for one of them. Nothing is decoded before it is needed.
 */
export class EventView {
  #fields: EventFields | undefined;
  #payload: { type: PayloadType; message: DecodedPayload } | null | undefined;
  #cursor: string | undefined;
  #wire: Uint8Array | undefined;
  #field: Lookup | undefined;
  /** Length of `wire`. */
  readonly wireBytes: number;

  constructor(
    private readonly entry: ViewableEntry,
    private readonly cursors: CursorWriter,
    private readonly types: PayloadTypes,
  ) {
    this.wireBytes = entry.envelope.length + CURSOR_FIELD_BYTES;
    if (entry.origin instanceof AcceptedFields) this.#fields = entry.origin;
  }

  /** The entry's position, to resume after it. */
  get cursor(): string {
    this.#cursor ??= this.cursors.cursor(this.entry.offset, this.entry.fingerprint);
    return this.#cursor;
  }

  get offset(): number {
    return this.entry.offset;
  }

  /** With the offset, it identifies the entry; see `EntryPosition`. */
  get fingerprint(): number {
    return this.entry.fingerprint;
  }

  get storedAt(): bigint {
    return this.entry.storedAt;
  }

  /** The encoded containerd.types.Envelope, as it is stored. */
  get envelope(): Uint8Array {
    return this.entry.envelope;
  }

  /** When the event happened, ns since 1970. */
  get timestamp(): bigint {
    return this.#known.timestamp;
  }

  get namespace(): string {
    return this.#known.namespace;
  }

  /** The container that the event is filed under, if any: see `Subject.container`. */
  get container(): string | undefined {
    return this.#known.subject?.container;
  }

  /** Whether the event is about the container itself: see `Scope.lifecycleOnly`. */
  get isLifecycle(): boolean {
    return this.#known.subject?.isLifecycle ?? false;
  }

  /** The payload, still encoded; undefined when it is missing or not an Any. */
  get payload(): Any | undefined {
    return this.#known.payload;
  }

  /** The trace that the event belongs to, if any. */
  get trace(): TraceContext | undefined {
    return this.#known.trace;
  }

  /** An encoded foghorn.v1.Entry: the envelope's stored bytes, then the cursor. */
  get wire(): Uint8Array {
    if (this.#wire === undefined) {
      const wire = Buffer.allocUnsafe(this.wireBytes);
      this.writeWire(wire, 0);
      this.#wire = wire;
    }
    return this.#wire;
  }

  /** Writes `wire` from `at` on. Nothing is kept, because a batch needs the bytes once. */
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

  /**
   * Looks up a field that filters see: namespace, topic or event.*. Bound, to be passed on; made
   * when a filter asks, because most entries of a replay meet none.
   */
  get field(): Lookup {
    this.#field ??= (path) => this.#valueOf(path);
    return this.#field;
  }

  #valueOf(path: readonly string[]): string | undefined {
    switch (path[0]) {
      case 'namespace':
        return this.#known.namespace || undefined;
      case 'topic':
        return this.#known.topic || undefined;
      case 'event': {
        const payload = this.#decodedPayload();
        return payload && lookupField(payload.type, payload.message, path.slice(1));
      }
      default:
        return undefined;
    }
  }

  get #known(): EventFields {
    this.#fields ??= decodedFields(this.entry.envelope);
    return this.#fields;
  }

  #decodedPayload(): { type: PayloadType; message: DecodedPayload } | undefined {
    if (this.#payload === undefined) this.#payload = decodePayload(this.payload, this.types);
    return this.#payload ?? undefined;
  }
}

/** Makes the views of a history's entries. */
export function viewer(
  cursors: CursorWriter,
  types: PayloadTypes,
): (entry: ViewableEntry) => EventView {
  return (entry) => new EventView(entry, cursors, types);
}

/**
 * Returns null for a payload that is missing, unknown or malformed. It has no fields for filters.
 */
function decodePayload(
  payload: Any | undefined,
  types: PayloadTypes,
): { type: PayloadType; message: DecodedPayload } | null {
  if (payload === undefined) return null;
  const type = types.find(payload.typeUrl);
  if (type === undefined) return null;
  try {
    return { type, message: type.decode(payload.value) };
  } catch {
    return null;
  }
}
