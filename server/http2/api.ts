import type { Socket } from 'node:net';
import type { HeaderField } from './header-field.js';
import type { FixedResponse, HeaderBlock } from './response.js';

/**
 * Takes a request whose header fields are complete. Sets `stream.handler`, unless it responds at
 * once and needs nothing of the rest. Must not throw.
 */
export type RequestListener = (stream: Http2Stream) => void;

/**
 * Receives what happens on one stream. All calls are synchronous, come while a read of the socket
 * is handled (`onDrain` while one is written), and must not throw.
 */
export interface StreamHandler {
  /**
   * Bytes of the request's body. They are a view of a read of up to 64 KiB and are not overwritten
   * later: copy what you keep for long, or the whole read stays in memory. For every byte call
   * `consume` or `keep`, now or later; until then the client's window stays narrower by it.
   */
  onData(bytes: Buffer): void;
  /** The request is complete. Called once, unless the stream ends before. */
  onEnd(trailers: RequestHeaders | undefined): void;
  /** `sendData` returned false, and little of it is unsent now. */
  onDrain(): void;
  /** The stream has ended; called exactly once. Sending on it has no effect from now on. */
  onClose(reason: CloseReason): void;
}

/**
 * Reason for the end of a stream. `complete`: the last frame of the response was handed to the
 * socket. `reset`: the client reset it. `aborted`: the handler reset it, or this server did because
 * of a fault of the client or a limit. `lost`: the connection ended.
 */
export type CloseReason = 'complete' | 'reset' | 'aborted' | 'lost';

/** A request's header fields or trailers. Lists that a client repeats are the same object again. */
export interface RequestHeaders {
  readonly method: string;
  /** `:path`; empty for CONNECT. */
  readonly path: string;
  readonly scheme: string;
  /** `:authority` as it came: any bytes, as latin1 text. Undefined if it is absent. */
  readonly authority: string | undefined;
  /** All fields but the pseudo-header fields, in the client's order. */
  readonly fields: readonly HeaderField[];
  /** The first value of a field, as latin1 text. */
  get(name: string): string | undefined;
  /** All values of a field, in order. */
  getAll(name: string): string[];
  /**
   * A slot for what a listener derived from these fields, so that it derives it once for all
   * requests that repeat them. Must depend on nothing but the fields.
   */
  derived: unknown;
}

/** One request and its response. */
export interface Http2Stream {
  readonly id: number;
  readonly connection: Http2Connection;
  /** Empty after `forgetHeaders`. */
  readonly headers: RequestHeaders;
  /** May be replaced at any time. Ignores everything until it is set. */
  handler: StreamHandler;
  /** The client has sent the whole request. */
  readonly requestEnded: boolean;
  /** The stream has ended: nothing more can be sent or will arrive. */
  readonly closed: boolean;
  /** The code of the RST_STREAM that ended it, from either side. Undefined without one. */
  readonly resetCode: number | undefined;
  /** Bytes of `sendData` that are not yet handed to the socket. */
  readonly unsentBytes: number;
  /** More is unsent than should be: wait for `onDrain`. */
  readonly full: boolean;

  /** Lets go of the request's fields, for a stream that lives long. */
  forgetHeaders(): void;

  /** The handler is done with bytes of the body. The client may send as many more. */
  consume(bytes: number): void;
  /**
   * The handler copied bytes of an incomplete message, and needs the rest. The client may send as
   * many more, and they count against `maxHeldBytes` until they are released or the stream ends.
   */
  keep(bytes: number): void;
  /** Bytes that were kept are in memory no more. */
  release(bytes: number): void;

  /** Begins the response. `endStream` ends it, too: gRPC's "trailers-only". */
  sendHeaders(headers: HeaderBlock, endStream?: boolean): void;
  /**
   * Queues bytes of the body, without a copy: they must not change until they are sent, and may be
   * shared by many streams. Returns false if the handler should wait for `onDrain`; the bytes are
   * sent nevertheless.
   */
  sendData(bytes: Uint8Array): boolean;
  /** Ends the response with trailers, after everything queued before. */
  sendTrailers(trailers: HeaderBlock): void;
  /** Ends the response without trailers, after everything queued before. */
  end(): void;
  /** Sends a whole response in its ready form. The stream must not have sent anything before. */
  sendFixed(response: FixedResponse): void;
  /** Ends the stream at once, and drops what is unsent. The code is CANCEL by default. */
  reset(code?: number): void;
}

/** One client's connection. */
export interface Http2Connection {
  /** For the peer's address and certificate. Must not be read, written or closed. */
  readonly socket: Socket;
  /** Requests that are neither answered completely nor reset. */
  readonly openStreams: number;
  /** A slot for what the user knows of this connection, such as the identity of its client. */
  context: unknown;
  /** Refuses new requests by GOAWAY in two steps, and closes when the open ones have ended. */
  drain(): void;
  /** Cuts the connection. Its streams are closed as `lost` before this returns. */
  destroy(): void;
}

/** Speaks HTTP/2 on the sockets that it is given. */
export interface Http2Server {
  readonly connections: ReadonlySet<Http2Connection>;
  /**
   * Takes over a connected socket. A TLS socket must have finished its handshake, by a server with
   * `TLS_OPTIONS`.
   *
   * @param context see `Http2Connection.context`
   */
  accept(socket: Socket, context?: unknown): void;
  /** Drains all connections. Resolves when the last one is closed. */
  drain(): Promise<void>;
  /** Cuts all connections. */
  destroy(): void;
}
