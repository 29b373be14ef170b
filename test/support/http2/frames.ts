/** Frames as bytes, written independently of the server's code. */

export const TYPE = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;
/** Flags of HEADERS that are a whole request. */
export const WHOLE = END_HEADERS | END_STREAM;
export const PADDED = 0x8;
export const PRIORITY = 0x20;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frame(
  type: number,
  flags: number,
  streamId: number,
  ...payload: readonly Uint8Array[]
): Buffer {
  const body = Buffer.concat(payload);
  const header = Buffer.alloc(9);
  header.writeUIntBE(body.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, body]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = pairs.map(([id, value]) => {
    const bytes = Buffer.alloc(6);
    bytes.writeUInt16BE(id);
    bytes.writeUInt32BE(value, 2);
    return bytes;
  });
  return frame(TYPE.SETTINGS, 0, 0, ...payload);
}

export function data(streamId: number, body: Uint8Array | string, flags = 0): Buffer {
  return frame(TYPE.DATA, flags, streamId, Buffer.from(body));
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  return frame(TYPE.WINDOW_UPDATE, 0, streamId, uint32(increment));
}

export function resetStream(streamId: number, code = 8): Buffer {
  return frame(TYPE.RST_STREAM, 0, streamId, uint32(code));
}

export function ping(payload: Uint8Array | string = '12345678', flags = 0): Buffer {
  return frame(TYPE.PING, flags, 0, Buffer.from(payload));
}

export function priority(streamId: number, dependency = 0): Buffer {
  return frame(TYPE.PRIORITY, 0, streamId, uint32(dependency), Buffer.from([15]));
}
