import { isUtf8 } from 'node:buffer';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { MessageShape, PayloadField } from './payload-shape.js';

/** Protobuf's own customary limit on messages within messages. */
const MAX_DEPTH = 100;

/**
 * Throws if bytes are no message of this shape: cut off, a field of another wire type than its
 * declaration, text that is not UTF-8, or nested too deep. Decoders misread some of these silently.
 */
export function checkWireFormat(bytes: Uint8Array, shape: MessageShape, depth = 1): void {
  if (depth > MAX_DEPTH) throw new Error(`${shape.name}: more than ${MAX_DEPTH} messages deep`);
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const field = shape.byNumber.get(number);
    if (field === undefined || field.wireType === WireType.StartGroup) {
      if (wireType === WireType.EndGroup) throw new Error(`${shape.name}: a group ends unopened`);
      reader.skip(wireType, number);
    } else if (wireType === field.wireType) {
      checkValue(reader, field, shape, depth);
    } else if (wireType === WireType.LengthDelimited && field.repeated) {
      checkPacked(new BinaryReader(reader.bytes()), field.wireType);
    } else {
      throw new Error(
        `${shape.name}.${field.name}: wire type ${wireType} instead of ${field.wireType}`,
      );
    }
  }
}

function checkValue(reader: BinaryReader, field: PayloadField, shape: MessageShape, depth: number) {
  if (field.wireType !== WireType.LengthDelimited) {
    reader.skip(field.wireType);
    return;
  }
  const bytes = reader.bytes();
  if (field.type.kind === 'string') {
    if (!isUtf8(bytes)) throw new Error(`${shape.name}.${field.name}: not UTF-8`);
  } else if ('message' in field.type) {
    checkWireFormat(bytes, field.type.message, depth + 1);
  }
}

function checkPacked(reader: BinaryReader, wireType: WireType): void {
  while (reader.pos < reader.len) reader.skip(wireType);
}
