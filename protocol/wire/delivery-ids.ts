import { WireReader } from './reader.js';
import { fieldSize, varintSize, writeHead, writeVarint } from './writer.js';

/*
 * Acknowledgements and their confirmations are most of what a member and its broker exchange. The
 * generated code makes a message and a bigint of each id.
 */

/** ConsumeRequest.answers and ConsumeResponse.answered. */
const ANSWERS_TAG = 0x1a;
/** DeliveryAnswers.ack and AnsweredDeliveries.stored. */
const FIRST_LIST_TAG = 0x0a;
/** AnsweredDeliveries.lost. */
const SECOND_LIST_TAG = 0x12;
/** DeliveryId.event and DeliveryId.attempt. */
const EVENT_TAG = 0x08;
const ATTEMPT_TAG = 0x10;

/** A foghorn.v1.DeliveryId. */
export interface WireDeliveryId {
  readonly id: number;
  readonly attempt: number;
}

/**
 * The ids in a ConsumeRequest that has nothing but acknowledgements; undefined for any other, which
 * is left to the generated decoder.
 */
export function decodeAcks(bytes: Uint8Array): WireDeliveryId[] | undefined {
  const reader = new WireReader(bytes);
  const { length } = bytes;
  if (!reader.over(ANSWERS_TAG, length) || reader.pos !== length) return undefined;
  reader.into();
  const acks: WireDeliveryId[] = [];
  while (reader.over(FIRST_LIST_TAG, length)) {
    const end = reader.into();
    const id = fromZigzag(reader.number(EVENT_TAG, end));
    const attempt = reader.number(ATTEMPT_TAG, end);
    if (reader.pos !== end) return undefined;
    acks.push({ id, attempt });
  }
  return reader.pos === length ? acks : undefined;
}

/** Encodes a ConsumeResponse with AnsweredDeliveries. */
export function encodeAnswered(
  stored: readonly WireDeliveryId[],
  lost: readonly WireDeliveryId[],
): Buffer {
  const size = listSize(stored) + listSize(lost);
  const bytes = Buffer.allocUnsafe(fieldSize(size));
  const at = writeHead(bytes, 0, ANSWERS_TAG, size);
  writeList(bytes, writeList(bytes, at, FIRST_LIST_TAG, stored), SECOND_LIST_TAG, lost);
  return bytes;
}

function listSize(ids: readonly WireDeliveryId[]): number {
  let size = 0;
  for (const id of ids) size += fieldSize(idSize(id));
  return size;
}

function idSize({ id, attempt }: WireDeliveryId): number {
  return 2 + varintSize(toZigzag(id)) + varintSize(attempt);
}

function writeList(
  bytes: Buffer,
  from: number,
  tag: number,
  ids: readonly WireDeliveryId[],
): number {
  let at = from;
  for (const each of ids) {
    at = writeHead(bytes, at, tag, idSize(each));
    bytes[at] = EVENT_TAG;
    at = writeVarint(bytes, at + 1, toZigzag(each.id));
    bytes[at] = ATTEMPT_TAG;
    at = writeVarint(bytes, at + 1, each.attempt);
  }
  return at;
}

/** A signed number as protobuf's sint64 encodes it. */
export function toZigzag(id: number): number {
  return id < 0 ? -2 * id - 1 : 2 * id;
}

/** The number that `toZigzag` has encoded. */
export function fromZigzag(encoded: number): number {
  return encoded % 2 === 0 ? encoded / 2 : -(encoded + 1) / 2;
}
