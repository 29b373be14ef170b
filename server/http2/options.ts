/** Limits of an HTTP/2 server. All times are in milliseconds. */
export interface Http2Options {
  /** Streams that a client may have open on one connection. */
  readonly maxConcurrentStreams: number;
  /** Size of one header list as HPACK counts it: each field's name and value and 32 bytes more. */
  readonly maxHeaderListSize: number;
  /** Fields of one header list. */
  readonly maxHeaderFields: number;
  /** CONTINUATION frames of one header block. */
  readonly maxContinuations: number;
  /** Bytes of one stream that a client may send before the handler consumes or keeps them. */
  readonly initialWindowSize: number;
  /** Bytes of all streams that a client may send before the connection's window is widened. */
  readonly connectionWindowSize: number;

  /** Unsent bytes of a stream from which `sendData` returns false; `onDrain` comes at a quarter. */
  readonly streamHighWaterMark: number;
  /** Bytes of unfinished requests that one connection may have the server hold. */
  readonly maxHeldBytes: number;
  /** Bytes of unfinished requests that all connections together may have the server hold. */
  readonly maxHeldBytesOfServer: number;

  /** Resets by the client, and faults by which it makes the server reset: at once, per second. */
  readonly resetBurst: number;
  readonly resetsPerSecond: number;
  /** Frames that carry nothing: PING, SETTINGS, PRIORITY, empty DATA, WINDOW_UPDATE in excess. */
  readonly uselessFrameBurst: number;
  readonly uselessFramesPerSecond: number;

  /** Time from the connection to the client's first SETTINGS frame. */
  readonly prefaceTimeout: number;
  /** Time from a frame's first byte to its last, and from HEADERS to its END_HEADERS flag. */
  readonly frameTimeout: number;
  /** Time until the client acknowledges SETTINGS. */
  readonly settingsTimeout: number;
  /** Time that kept bytes of an incomplete message may wait for the rest. */
  readonly messageTimeout: number;
  /** Time that a complete response may wait for a client's window. */
  readonly unsentResponseTimeout: number;
  /** Silence of a client after which it gets a PING. */
  readonly keepaliveTime: number;
  /** Time that the client then has to send anything. */
  readonly keepaliveTimeout: number;
}

export const DEFAULT_OPTIONS: Http2Options = {
  maxConcurrentStreams: 4096,
  maxHeaderListSize: 2 * 1024 * 1024,
  maxHeaderFields: 4096,
  maxContinuations: 256,
  initialWindowSize: 65_535,
  connectionWindowSize: 1024 * 1024,
  streamHighWaterMark: 256 * 1024,
  maxHeldBytes: 32 * 1024 * 1024,
  maxHeldBytesOfServer: 256 * 1024 * 1024,
  resetBurst: 1000,
  resetsPerSecond: 33,
  uselessFrameBurst: 1000,
  uselessFramesPerSecond: 100,
  prefaceTimeout: 10_000,
  frameTimeout: 30_000,
  settingsTimeout: 30_000,
  messageTimeout: 120_000,
  unsentResponseTimeout: 60_000,
  keepaliveTime: 60_000,
  keepaliveTimeout: 300_000,
};
