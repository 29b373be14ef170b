import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A message whose fields are all text, bytes or messages. */
export interface DelimitedShape {
  readonly name: string;
  /** Number → name. */
  readonly fields: Readonly<Record<number, string>>;
}

/**
 * Returns all values of each known field of an encoded message, in order. Throws for what
 * containerd refuses and generated decoders accept: field number 0, a known field of another wire
 * type, the end of a group that never began. The texts are containerd's, as far as they are about
 * the bytes.
 */
export function strictFields(
  bytes: Uint8Array,
  { name, fields }: DelimitedShape,
): ReadonlyMap<number, readonly Uint8Array[]> {
  const values = new Map<number, Uint8Array[]>();
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [number, wireType] = readTag(reader, name);
      const known = fields[number];
      if (known === undefined) {
        reader.skip(wireType, number);
      } else if (wireType === WireType.LengthDelimited) {
        const value = reader.bytes();
        const before = values.get(number);
        if (before === undefined) values.set(number, [value]);
        else before.push(value);
      } else {
        throw new Error(`proto: wrong wireType = ${wireType} for field ${known}`);
      }
    }
  } catch (error) {
    throw error instanceof RangeError ? new Error('unexpected EOF', { cause: error }) : error;
  }
  return values;
}

/** By their numbers. */
const WIRE_TYPES: readonly (WireType | undefined)[] = [
  WireType.Varint,
  WireType.Bit64,
  WireType.LengthDelimited,
  WireType.StartGroup,
  WireType.EndGroup,
  WireType.Bit32,
];

function readTag(reader: BinaryReader, message: string): [number, WireType] {
  const tag = reader.uint32();
  const number = tag >>> 3;
  const wireType = WIRE_TYPES[tag & 7];
  if (number === 0) {
    throw new Error(`proto: ${message}: illegal tag ${number} (wire type ${tag & 7})`);
  }
  if (wireType === undefined) throw new Error(`proto: illegal wireType ${tag & 7}`);
  if (wireType === WireType.EndGroup) {
    throw new Error(`proto: ${message}: wiretype end group for non-group`);
  }
  return [number, wireType];
}

/** The text of a field, of which the last value counts. Bytes that are not UTF-8 become U+FFFD. */
export function lastText(values: readonly Uint8Array[] | undefined): string {
  const bytes = values?.at(-1);
  return bytes === undefined ? '' : Buffer.from(bytes).toString();
}

/** A message that may be split over several values: they are its parts, in order. */
export function merged(values: readonly Uint8Array[] | undefined): Uint8Array | undefined {
  return values === undefined || values.length === 1 ? values?.[0] : Buffer.concat(values);
}
