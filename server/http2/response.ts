import type { HeaderField } from './header-field.js';
import { FIELD_KIND, kindOfField, kindOfName } from './hpack/field-kind.js';
import { FIELD_OVERHEAD } from './hpack/field.js';

/** Longest form of an index or a length in HPACK: twice in a field, and one byte of its type. */
const MAX_INTEGERS_BYTES = 12;
const STATUS = /^[1-5]\d\d$/;
const LATIN1 = /^[\0-\xff]*$/;

/**
 * Header fields of responses, made once. A `repeated` list is sent often: each connection adds its
 * fields to the client's HPACK table and sends one byte for each from then on. Any other list is
 * sent in full, and leaves the table alone.
 */
export class HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Size as SETTINGS_MAX_HEADER_LIST_SIZE counts it. */
  readonly listSize: number;
  /** An upper bound of its encoded form. */
  readonly maxEncodedBytes: number;

  /**
   * @param fields names in lower case, `:status` first in a block that begins a response; values
   *   are latin1 text. Throws TypeError for a field that HTTP/2 cannot carry.
   */
  constructor(
    fields: readonly (readonly [name: string, value: string])[],
    readonly repeated = false,
  ) {
    let textBytes = 0;
    this.fields = fields.map(([name, value], index) => {
      if (!isSendable(name, value, index)) {
        throw new TypeError(`not a header field of a response: ${JSON.stringify([name, value])}`);
      }
      textBytes += name.length + value.length;
      return { name, value };
    });
    this.listSize = textBytes + fields.length * FIELD_OVERHEAD;
    this.maxEncodedBytes = textBytes + (fields.length + 1) * MAX_INTEGERS_BYTES;
  }
}

/** A whole response that is sent often: each connection keeps its bytes ready. */
export class FixedResponse {
  constructor(
    readonly headers: HeaderBlock,
    readonly data: Uint8Array,
    readonly trailers: HeaderBlock,
  ) {}
}

function isSendable(name: string, value: string, index: number): boolean {
  if (name === ':status') return index === 0 && STATUS.test(value);
  const kind = kindOfField(kindOfName(name), value);
  return (kind === FIELD_KIND.REGULAR || kind === FIELD_KIND.CONTENT_LENGTH) && LATIN1.test(value);
}
