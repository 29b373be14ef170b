import type { HeaderField } from './header-field.js';

/**
 * Header fields of responses, made once. A `repeated` list is sent often: each connection adds its
 * fields to the client's HPACK table and sends one byte for each from then on. Any other list is
 * sent in full, and leaves the table alone.
 */
export class HeaderBlock {
  readonly fields: readonly HeaderField[];

  /**
   * @param fields names in lower case, `:status` first in a block that begins a response; values
   *   are latin1 text
   */
  constructor(
    fields: readonly (readonly [name: string, value: string])[],
    readonly repeated = false,
  ) {
    this.fields = fields.map(([name, value]) => ({ name, value }));
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
