import type { HeaderField } from '../header-field.js';
import { kindOfField, kindOfName } from './field-kind.js';

/** Bytes that a table or list counts for a field besides its texts (RFC 7541, section 4.1). */
export const FIELD_OVERHEAD = 32;

/** A field of a request. One that comes from a table is the same object each time. */
export class Field implements HeaderField {
  readonly size: number;
  readonly kind: number;

  constructor(
    readonly name: string,
    readonly value: string,
    /** The kind that the name has by itself; a later field may take its name from this one. */
    readonly nameKind = kindOfName(name),
  ) {
    this.size = name.length + value.length + FIELD_OVERHEAD;
    this.kind = kindOfField(nameKind, value);
  }
}
