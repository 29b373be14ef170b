/**
 * How lmdb is to open a table of entries: rows are bytes and stay what they are. It reads every row into one large buffer of its
 * own; its `binary` encoding then makes an ArrayBuffer for each, which costs more than all else of a read. Here small rows
 * share Node's pool.
 */
export const ENTRY_ROWS = {
  encoding: 'binary',
  // Goes before `encoding`; lmdb's types do not know it.
  encoder: {
    encode(row: Uint8Array): Uint8Array {
      return row;
    },

    /** @param shared only its `length` is the row's: lmdb sets that anew for each, and the array is longer */
    decode(shared: Uint8Array): Buffer {
      const row = Buffer.allocUnsafe(shared.length);
      row.set(new Uint8Array(shared.buffer, shared.byteOffset, shared.length));
      return row;
    },
  },
} as const;
