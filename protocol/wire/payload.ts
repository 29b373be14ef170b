import { isUtf8 } from 'node:buffer';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { MessageShape, PayloadField } from '../payload-shape.js';

/** Protobuf's own customary limit on messages within messages. */
const MAX_DEPTH = 100;

/**
 * Throws if bytes are no message of this shape: cut off, a field of another wire type than its
 * declaration, text that is not UTF-8, or nested too deep. Decoders misread some of these silently.
 */
export function checkWireFormat(bytes: Uint8Array, shape: MessageShape): void {
  checkMessage(new BinaryReader(bytes), bytes.length, shape, 1);
}

function checkMessage(reader: BinaryReader, end: number, shape: MessageShape, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`${shape.name}: more than ${MAX_DEPTH} messages deep`);
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = shape.byNumber.get(number);
    if (field === undefined || field.wireType === WireType.StartGroup) {
      if (wireType === WireType.EndGroup) throw new Error(`${shape.name}: a group ends unopened`);
      reader.skip(wireType, number);
    } else if (wireType === WireType.LengthDelimited) {
      checkDelimited(reader, field, shape, depth);
    } else if (wireType === field.wireType) {
      reader.skip(wireType);
    } else {
      throw new Error(wrongWireType(field, wireType, shape));
    }
  }
  if (reader.pos !== end) throw new Error(`${shape.name}: a field runs past the message's end`);
}

function checkDelimited(
  reader: BinaryReader,
  field: PayloadField,
  shape: MessageShape,
  depth: number,
): void {
  if (field.wireType !== WireType.LengthDelimited) {
    if (!field.repeated) throw new Error(wrongWireType(field, WireType.LengthDelimited, shape));
    checkPacked(new BinaryReader(reader.bytes()), field.wireType);
  } else if ('message' in field.type) {
    const length = reader.uint32();
    checkMessage(reader, reader.pos + length, field.type.message, depth + 1);
  } else {
    const bytes = reader.bytes();
    if (field.type.kind === 'string' && !isUtf8(bytes)) {
      throw new Error(`${shape.name}.${field.name}: not UTF-8`);
    }
  }
}

/** Many numbers in one piece. */
function checkPacked(reader: BinaryReader, wireType: WireType): void {
  while (reader.pos < reader.len) reader.skip(wireType);
}

function wrongWireType(
  { name, wireType }: PayloadField,
  found: WireType,
  { name: message }: MessageShape,
) {
  return `${message}.${name}: wire type ${found} instead of ${wireType}`;
}
