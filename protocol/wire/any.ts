import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { FoghornError } from '../errors.js';
import { WireReader } from './reader.js';
import { RecentTexts } from './recent-texts.js';
import { optionalFieldSize, writeOptional, writeOptionalAscii } from './writer.js';

/** Tags of google.protobuf.Any. */
export const TYPE_URL_TAG = 0x0a;
export const VALUE_TAG = 0x12;

const TYPE_URL_FIELD = TYPE_URL_TAG >>> 3;
const VALUE_FIELD = VALUE_TAG >>> 3;

/** Stands for bytes that are not UTF-8 in what RecentTexts returns. */
const REPLACEMENT = '\ufffd';

/** A valid google.protobuf.Any in encoded form, and the position of its value in the bytes. */
export interface EncodedAny {
  readonly bytes: Buffer;
  readonly typeUrl: string;
  readonly valueBegin: number;
  readonly valueEnd: number;
}

/**
 * Throws for bytes that are not a google.protobuf.Any. Any fields may follow or be missing, but all
 * must be whole, and the type must be UTF-8.
 */
export function readEncodedAny(bytes: Uint8Array): EncodedAny {
  const reader = new WireReader(bytes);
  return readOrdinaryAny(reader, reader.bytes) ?? readAnyFields(reader.bytes);
}

/** INVALID_ARGUMENT for bytes that are not a google.protobuf.Any. */
export function readPayload(bytes: Uint8Array): EncodedAny | FoghornError {
  const { stackTraceLimit } = Error;
  // A request may have thousands of such payloads, and a stack costs more than reading one.
  Error.stackTraceLimit = 0;
  try {
    return readEncodedAny(bytes);
  } catch (error) {
    const text = `the payload is no google.protobuf.Any: ${(error as Error).message}`;
    return FoghornError.refusal('INVALID_ARGUMENT', text);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Reads an Any as encoders write it: a type, then a value, either of which may be missing. Returns
 * undefined for another form.
 *
 * @param reader at the start of the Any
 * @param bytes of the Any, which are part of the reader's
 */
export function readOrdinaryAny(reader: WireReader, bytes: Buffer): EncodedAny | undefined {
  const base = reader.pos;
  const end = base + bytes.length;
  const typeUrl = reader.over(TYPE_URL_TAG, end) ? typeUrls.read(reader) : '';
  const hasValue = reader.over(VALUE_TAG, end);
  if (reader.pos !== end || typeUrl.includes(REPLACEMENT)) return undefined;
  if (!hasValue) return { bytes, typeUrl, valueBegin: 0, valueEnd: 0 };
  return { bytes, typeUrl, valueBegin: reader.begin - base, valueEnd: reader.end - base };
}

/** Reads an Any with any fields. The last one of a repeated field counts. */
function readAnyFields(bytes: Buffer): EncodedAny {
  const reader = new BinaryReader(bytes);
  const any = { bytes, typeUrl: '', valueBegin: 0, valueEnd: 0 };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === TYPE_URL_FIELD) any.typeUrl = reader.string(true);
    else {
      const { length } = reader.bytes();
      if (field !== VALUE_FIELD) continue;
      any.valueBegin = reader.pos - length;
      any.valueEnd = reader.pos;
    }
  }
  return any;
}

const typeUrls = new RecentTexts();

/** The Any that the reader stepped over last; undefined if it has any other field. */
export function readAny(reader: WireReader): Any | undefined {
  const end = reader.into();
  const typeUrl = reader.over(TYPE_URL_TAG, end) ? typeUrls.read(reader) : '';
  const value = reader.over(VALUE_TAG, end) ? reader.content() : new Uint8Array();
  return reader.pos === end ? { typeUrl, value } : undefined;
}

/** Size of an Any whose type is ASCII. */
export function anySize({ typeUrl, value }: Any): number {
  return optionalFieldSize(typeUrl.length) + optionalFieldSize(value.length);
}

/** Writes an Any whose type is ASCII; returns where it ends. */
export function writeAny(bytes: Uint8Array, begin: number, { typeUrl, value }: Any): number {
  const at = writeOptionalAscii(bytes, begin, TYPE_URL_TAG, typeUrl);
  return writeOptional(bytes, at, VALUE_TAG, value);
}
