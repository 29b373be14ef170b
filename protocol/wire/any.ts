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

/**
 * Throws for bytes that are not a google.protobuf.Any. Any fields may follow or be missing, but all
 * must be whole, and the type must be UTF-8.
 */
export function checkAny(event: Uint8Array): void {
  if (skipOrdinaryAny(new WireReader(event), event.length)) return;
  const reader = new BinaryReader(event);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === TYPE_URL_FIELD && wireType === WireType.LengthDelimited) reader.string(true);
    else reader.skip(wireType, field);
  }
}

/** INVALID_ARGUMENT for a payload that is not a google.protobuf.Any; undefined for one that is, or for none. */
export function payloadRefusal(event: Uint8Array | undefined): FoghornError | undefined {
  if (event === undefined) return undefined;
  try {
    checkAny(event);
    return undefined;
  } catch (error) {
    const text = `the payload is no google.protobuf.Any: ${(error as Error).message}`;
    return new FoghornError('INVALID_ARGUMENT', text);
  }
}

/** Steps over an Any as encoders write it: an ASCII type, then a value, either of which may be missing. */
export function skipOrdinaryAny(reader: WireReader, end: number): boolean {
  if (reader.over(TYPE_URL_TAG, end)) {
    const { bytes, begin, end: typeEnd } = reader;
    for (let at = begin; at < typeEnd; at++) if ((bytes[at] ?? 0) > 0x7f) return false;
  }
  reader.over(VALUE_TAG, end);
  return reader.pos === end;
}

const typeUrls = new RecentTexts();

/** The Any that the reader stepped over last; undefined if it has anything but a type and a value. */
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
