/*
 * Frames of containerd's ttrpc: a header of 10 bytes (length of the data, stream, type, flags) and
 * the data. All numbers are big-endian.
 */

export const HEADER_BYTES = 10;
/** Longest data that containerd takes. */
export const MAX_DATA_BYTES = 4 * 1024 * 1024;

const STREAM_AT = 4;
const TYPE_AT = 8;

const REQUEST = 1;
const RESPONSE = 2;

export interface FrameHeader {
  /** Bytes of data that follow. */
  readonly length: number;
  readonly stream: number;
  /** Frames of other types belong to streaming calls, which no method here has. */
  readonly isRequest: boolean;
}

/** @param at where the header begins in `bytes`, which has all of it */
export function readHeader(bytes: Buffer, at: number): FrameHeader {
  return {
    length: bytes.readUInt32BE(at),
    stream: bytes.readUInt32BE(at + STREAM_AT),
    isRequest: bytes[at + TYPE_AT] === REQUEST,
  };
}

/** A frame with the answer to the request of a stream. */
export function responseFrame(stream: number, response: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + response.length);
  frame.writeUInt32BE(response.length, 0);
  frame.writeUInt32BE(stream, STREAM_AT);
  frame[TYPE_AT] = RESPONSE;
  frame.set(response, HEADER_BYTES);
  return frame;
}

/** A frame with a request on a stream. */
export function requestFrame(stream: number, request: Uint8Array): Buffer {
  const frame = responseFrame(stream, request);
  frame[TYPE_AT] = REQUEST;
  return frame;
}
