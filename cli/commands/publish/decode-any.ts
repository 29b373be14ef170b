import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { Any } from '../../../client/index.js';
import { FoghornError } from '../../../protocol/errors.js';

const LAST_FIELD_OF_ANY = 2;

/**
 * Decodes a serialized google.protobuf.Any. Checks every field first, because generated decoders
 * stop silently at bytes that cannot be a field.
 *
 * @throws FoghornError INVALID_ARGUMENT for bytes that are not such a message.
 */
export function decodeAny(bytes: Uint8Array): Any {
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field <= LAST_FIELD_OF_ANY && wireType !== WireType.LengthDelimited) {
        throw new Error(`field ${field} has wire type ${wireType}`);
      }
      reader.skip(wireType, field);
    }
    return Any.decode(bytes);
  } catch (error) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `stdin: expected a serialized google.protobuf.Any, got ${bytes.length} bytes of something else`,
      { cause: error },
    );
  }
}
