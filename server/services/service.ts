import type { FoghornError } from '../../protocol/errors.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import type { Caller } from '../access/caller.js';
import type { MessageSource } from '../broker/message-source.js';

export type { MessageSource };

/*
 * The contract between services and the edges that carry them. A service knows no transport: it
 * sees a call's metadata, decoded requests and encoded responses. An edge may decode and queue as
 * it likes, but calls a method once per call.
 */

/** A method that an edge offers. */
export type Method = UnaryMethod | ServerStreamMethod | BidiStreamMethod;

/** One call of a method, made by the edge. */
export interface Call {
  /** Who calls; the edge has identified it before it begins the call. */
  readonly caller: Caller;
  /** The trace that the call belongs to, if its metadata names one. */
  readonly trace: TraceContext | undefined;
  /** The first value of a metadata key, in lower case; undefined where the caller sent none. */
  metadata(key: string): string | undefined;
  /** The same for a key that ends with `-bin`. */
  binaryMetadata(key: string): Buffer | undefined;
  /**
   * Adds metadata to the answer, before its first message. Keys are in lower case; those of bytes
   * end with `-bin`. Throws TypeError for anything else.
   */
  addHeader(key: string, value: string | Uint8Array): void;
  /**
   * Adds metadata after the answer, even after a failure: `grpc-status-details-bin`, for example.
   */
  addTrailer(key: string, value: string | Uint8Array): void;
  /**
   * Aborts when the call is over: answered, cancelled, or its connection lost. Made when it is
   * first asked for.
   */
  readonly signal: AbortSignal;
}

interface AnyMethod<Request> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Throws for bytes that are not an encoded request. May return views of `bytes`. */
  decode(bytes: Buffer): Request;
}

/** One request, one response. */
export interface UnaryMethod<Request = unknown, Response = unknown> extends AnyMethod<Request> {
  readonly kind: 'unary';
  /** Rejects with a FoghornError that the caller may see; any other error is internal. */
  handle(request: Request, call: Call): Promise<Response>;
  /** Returns what the caller sees of an error that `handle` rejects with; the same by default. */
  readonly visibleError?: (error: unknown) => unknown;
  encode(response: Response): Uint8Array;
}

/** One request, one response; takes the requests that arrive together, in order. */
export interface BatchMethod<Request = unknown> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /**
   * Throws for bytes that are not an encoded request. May return views of `bytes`.
   *
   * @param trace that the metadata of the request names
   */
  decode(bytes: Buffer, trace: TraceContext | undefined): Request;
  /**
   * Resolves with the encoded response or the refusal of each request, in order. Rejects where all
   * fail.
   */
  handleAll(
    requests: readonly Request[],
    caller: Caller,
  ): Promise<readonly (Uint8Array | FoghornError)[]>;
}

/** One request, a stream of responses. */
export interface ServerStreamMethod<
  Request = unknown,
  Message = unknown,
> extends AnyMethod<Request> {
  readonly kind: 'server stream';
  /**
   * Resolves when the stream has begun. The edge takes from the source at the caller's pace, and
   * closes it.
   */
  open(request: Request, call: Call): Promise<MessageSource<Message>>;
  /**
   * The encoded responses for one message of the source; none if the API has no response for it.
   */
  encode(message: Message): readonly Uint8Array[];
}

/** Streams both ways, or a stream of requests with one response at their end. */
export interface BidiStreamMethod<Request = unknown> extends AnyMethod<Request> {
  readonly kind: 'bidi stream';
  /** Begins a call. The edge hands each request to the returned handler, in order. */
  open(call: Call, responses: ResponseStream): RequestHandler<Request>;
}

/** Takes the requests of one call. */
export interface RequestHandler<Request> {
  take(request: Request): void;
  /** The caller has sent its last request. */
  end(): void;
}

/** The way back to the caller of a bidi stream. Does nothing once the call is over. */
export interface ResponseStream {
  /** Resolves when there is room for the next response, or the call is over. */
  send(response: Uint8Array): Promise<void>;
  /** Stops the flow of requests, for flow control: none is handed on until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the call with status OK. */
  end(): void;
  /** Ends the call with the status of an error. */
  fail(error: unknown): void;
}
