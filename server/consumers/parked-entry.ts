import { CURSOR_FIELD_BYTES, writeCursorHead } from '../../protocol/wire/entry.js';
import { decodedFields } from '../events/event-fields.js';
import type { EventToPark } from './consumer-store.js';
import type { EventContent } from './working-consumer.js';

/** A parked event as a foghorn.v1.Entry. */
export class ParkedEntry implements EventContent {
  readonly envelope: Uint8Array;
  readonly cursor: string;

  constructor({ envelope, cursor }: EventToPark) {
    this.envelope = envelope;
    this.cursor = cursor;
  }

  get timestamp(): bigint {
    return decodedFields(this.envelope).timestamp;
  }

  get namespace(): string {
    return decodedFields(this.envelope).namespace;
  }

  get wireBytes(): number {
    return this.envelope.length + CURSOR_FIELD_BYTES;
  }

  writeWire(into: Uint8Array, at: number): void {
    into.set(this.envelope, at);
    const cursorAt = writeCursorHead(into, at + this.envelope.length);
    into.set(Buffer.from(this.cursor, 'latin1'), cursorAt);
  }
}
