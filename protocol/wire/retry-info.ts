import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { Any } from '../../protos/gen/google/protobuf/any.js';
import { Duration } from '../../protos/gen/google/protobuf/duration.js';
import { durationFromMs, msFromDuration } from '../timestamp.js';

/*
 * google.rpc.Status with one google.rpc.RetryInfo, which gRPC sends in `grpc-status-details-bin`:
 *
 *   message Status {
 *     int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3;
 *   }
 *   message RetryInfo { google.protobuf.Duration retry_delay = 1; }
 */

/** The metadata key of a status with details. */
export const STATUS_DETAILS_KEY = 'grpc-status-details-bin';

const TYPE_URL = 'type.googleapis.com/google.rpc.RetryInfo';

const CODE_TAG = (1 << 3) | 0;
const MESSAGE_TAG = (2 << 3) | 2;
const DETAILS_TAG = (3 << 3) | 2;
const RETRY_DELAY_TAG = (1 << 3) | 2;

/** Encodes a status that asks for a pause of whole milliseconds. */
export function encodeRetryInfo(code: number, message: string, delayMs: number): Uint8Array {
  const delay = Duration.encode(durationFromMs(delayMs)).finish();
  const value = new BinaryWriter().uint32(RETRY_DELAY_TAG).bytes(delay).finish();
  const any = Any.encode({ typeUrl: TYPE_URL, value: Buffer.from(value) }).finish();
  const status = new BinaryWriter().uint32(CODE_TAG).int32(code);
  return status.uint32(MESSAGE_TAG).string(message).uint32(DETAILS_TAG).bytes(any).finish();
}

/** The pause that a status asks for, in milliseconds; undefined if it asks for none. */
export function decodeRetryInfo(status: Uint8Array): number | undefined {
  try {
    for (const details of fieldsOf(status, DETAILS_TAG)) {
      const { typeUrl, value } = Any.decode(details);
      if (typeUrl !== TYPE_URL) continue;
      for (const delay of fieldsOf(value, RETRY_DELAY_TAG)) {
        return Math.max(0, msFromDuration(Duration.decode(delay)));
      }
    }
  } catch {
    // Details of another form are no reason to lose the status itself.
  }
  return undefined;
}

function* fieldsOf(message: Uint8Array, tag: number): Generator<Uint8Array> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === tag >>> 3) yield reader.bytes();
    else reader.skip(type, number);
  }
}
