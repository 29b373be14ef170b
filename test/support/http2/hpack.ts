/** A small HPACK of the tests' own: encodes without a table, and decodes what the server sends. */

export type FieldPair = readonly [name: string, value: string];

export function integer(pattern: number, prefixBits: number, value: number): Buffer {
  const mask = 2 ** prefixBits - 1;
  if (value < mask) return Buffer.from([pattern | value]);
  const bytes = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function text(value: string): Buffer {
  return Buffer.concat([integer(0, 7, value.length), Buffer.from(value, 'latin1')]);
}

/** A literal with a new name; 0x00 without indexing, 0x10 never indexed, 0x40 with indexing. */
export function literal(name: string, value: string, pattern = 0x00): Buffer {
  return Buffer.concat([Buffer.from([pattern]), text(name), text(value)]);
}

export function fieldsOf(...fields: readonly FieldPair[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

/** The pseudo-header fields of a request, in a form that changes no table. */
export function pseudoFields(path = '/'): Buffer {
  return fieldsOf([':method', 'POST'], [':scheme', 'http'], [':path', path], [':authority', 'a']);
}

/** A request's whole block. */
export function requestBlock(path = '/', ...fields: readonly FieldPair[]): Buffer {
  return Buffer.concat([pseudoFields(path), fieldsOf(...fields)]);
}

/** The entries of the static table that the server's responses refer to. */
const STATIC: Readonly<Record<number, FieldPair>> = {
  8: [':status', '200'],
  31: ['content-type', ''],
};

/** Decodes the server's blocks; throws for what a client with a table of that size could not. */
export class ResponseDecoder {
  readonly #table: FieldPair[] = [];
  sizeUpdates: number[] = [];

  constructor(private maxSize = 4096) {}

  decode(block: Buffer): FieldPair[] {
    const fields: FieldPair[] = [];
    let at = 0;
    const readInteger = (prefixBits: number): number => {
      const mask = 2 ** prefixBits - 1;
      let value = block[at++]! & mask;
      if (value < mask) return value;
      for (let factor = 1; ; factor *= 128) {
        const byte = block[at++]!;
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    };
    const readText = (): string => {
      if (block[at]! >= 128) throw new Error('the test client does not decode Huffman');
      const length = readInteger(7);
      at += length;
      return block.toString('latin1', at - length, at);
    };
    while (at < block.length) {
      const byte = block[at]!;
      if (byte >= 0x80) {
        fields.push(this.#field(readInteger(7)));
      } else if ((byte & 0xe0) === 0x20) {
        if (fields.length > 0) throw new Error('size update after a field');
        this.maxSize = readInteger(5);
        this.sizeUpdates.push(this.maxSize);
        this.#evict();
      } else {
        const isAdded = byte >= 0x40;
        const index = readInteger(isAdded ? 6 : 4);
        const field = [index === 0 ? readText() : this.#field(index)[0], readText()] as const;
        fields.push(field);
        if (isAdded) this.#table.unshift(field);
        this.#evict();
      }
    }
    return fields;
  }

  #field(index: number): FieldPair {
    const field = index < 62 ? STATIC[index] : this.#table[index - 62];
    if (field === undefined) throw new Error(`no field has index ${index}`);
    return field;
  }

  #evict(): void {
    const size = (): number =>
      this.#table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    while (size() > this.maxSize) this.#table.pop();
  }
}
