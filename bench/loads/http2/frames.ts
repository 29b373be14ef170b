/** HTTP/2 frame types that a unary client handles (RFC 9113, section 6). */
export const FRAME_TYPE = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;

export const FRAME_FLAG = { ack: 0x01, endStream: 0x01, endHeaders: 0x04 } as const;

const HEADER_BYTES = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function encodeFrame({ type, flags, stream, payload }: Frame): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Splits a byte stream into HTTP/2 frames. */
export class FrameParser {
  #rest: Buffer = Buffer.alloc(0);

  /** Adds bytes, cut anywhere, and returns the frames that they complete. */
  push(bytes: Buffer): Frame[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: Frame[] = [];
    let at = 0;
    while (at + HEADER_BYTES <= all.length) {
      const end = at + HEADER_BYTES + all.readUIntBE(at, 3);
      if (end > all.length) break;
      frames.push({
        type: all.readUInt8(at + 3),
        flags: all.readUInt8(at + 4),
        stream: all.readUInt32BE(at + 5),
        payload: all.subarray(at + HEADER_BYTES, end),
      });
      at = end;
    }
    this.#rest = all.subarray(at);
    return frames;
  }
}
