import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import { HeaderBlock, type Http2Stream, type StreamHandler } from '../http2/index.js';
import type { Caller } from '../access/caller.js';
import { unauthenticated, type Identity } from '../access/identity.js';
import type { Call, Method } from '../services/service.js';
import { answerFields, type CallHead } from './call-head.js';
import type { FrameCache } from './frames.js';
import type { InterceptedCall, InterceptorChain } from './interceptor.js';
import { bytesOf, encodeMetadata, textOf } from './metadata.js';
import { CANCELLED, OK, OK_TRAILERS, statusFields } from './status.js';

/** State that all calls of an edge share. */
export interface CallContext {
  /** Whether a method, by its path, is open to callers that are not identified. */
  readonly isOpen: (path: string) => boolean;
  readonly interceptors: InterceptorChain;
  readonly frames: FrameCache;
}

/** The parts that a call is made of. */
export type CallParts<M extends Method> = ConstructorParameters<typeof GrpcCall<M>>;

/** Metadata of an answer, encoded. */
interface AnswerMetadata {
  readonly headers: [string, string][];
  readonly trailers: [string, string][];
}

/**
 * One call on its HTTP/2 stream: its metadata, its deadline, and its end. The ways of reading
 * requests and of answering are those of the subclasses.
 */
export abstract class GrpcCall<M extends Method = Method>
  implements StreamHandler, Call, InterceptedCall
{
  #isOver = false;
  #hasSentHeaders = false;
  #deadline: NodeJS.Timeout | undefined;
  #over: AbortController | undefined;
  #stopWatchingIdentity: (() => void) | undefined;
  #leaveQuota: (() => void) | undefined;
  #added: AnswerMetadata | undefined;

  constructor(
    protected readonly stream: Http2Stream,
    protected readonly method: M,
    protected readonly head: CallHead,
    private readonly identity: Identity,
    protected readonly context: CallContext,
  ) {}

  abstract onData(bytes: Buffer): void;
  abstract onEnd(): void;

  /** Call this once the stream has the call as its handler. */
  begin(): void {
    this.#stopWatchingIdentity = this.identity.onEnd?.(() => {
      this.fail(unauthenticated());
    });
    try {
      this.context.interceptors.begin(this);
      this.#leaveQuota = this.identity.caller.quota?.hold('calls');
    } catch (error) {
      this.fail(error);
      return;
    }
    const { timeLimit } = this.head;
    if (timeLimit <= 0) expire(this);
    else if (timeLimit <= LONGEST_TIMER_MS) this.#deadline = setTimeout(expire, timeLimit, this);
  }

  get caller(): Caller {
    return this.identity.caller;
  }

  get path(): string {
    return this.method.path;
  }

  get trace(): TraceContext | undefined {
    return this.head.trace;
  }

  metadata(key: string): string | undefined {
    const value = this.stream.headers.get(key);
    return value === undefined ? undefined : textOf(value);
  }

  binaryMetadata(key: string): Buffer | undefined {
    const value = this.stream.headers.get(key);
    return value === undefined ? undefined : bytesOf(value);
  }

  addHeader(key: string, value: string | Uint8Array): void {
    this.#answerMetadata().headers.push(encodeMetadata(key, value));
  }

  addTrailer(key: string, value: string | Uint8Array): void {
    this.#answerMetadata().trailers.push(encodeMetadata(key, value));
  }

  get signal(): AbortSignal {
    if (this.#over === undefined) {
      this.#over = new AbortController();
      if (this.#isOver) this.#over.abort();
    }
    return this.#over.signal;
  }

  /** Whether the call is answered, or its client gone. */
  protected get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the answer is what most calls get: no metadata, no compression. */
  protected get isPlain(): boolean {
    return this.#added === undefined && this.head.answerEncoding === undefined;
  }

  /** Begins the answer, unless it has begun. */
  protected sendHeaders(): void {
    if (this.#hasSentHeaders) return;
    this.#hasSentHeaders = true;
    const { answer, answerEncoding } = this.head;
    if (this.isPlain) {
      this.stream.sendHeaders(answer.headers);
      return;
    }
    const fields = answerFields(answer.contentType);
    if (answerEncoding !== undefined) fields.push(['grpc-encoding', answerEncoding.name]);
    this.stream.sendHeaders(new HeaderBlock([...fields, ...(this.#added?.headers ?? [])]));
  }

  /** Ends the call with status OK. */
  protected succeed(): void {
    if (this.#isOver) return;
    this.finish(OK);
    if (this.#hasSentHeaders && this.#added === undefined) this.stream.sendTrailers(OK_TRAILERS);
    else this.#sendStatus([['grpc-status', String(OK)]]);
  }

  /** Ends the call with the status of an error. */
  fail(error: unknown): void {
    // Asked even when the call is over, because internal errors are logged.
    const shown = this.context.interceptors.fail(error, this);
    if (this.#isOver) return;
    const visible =
      shown instanceof FoghornError ? shown : new FoghornError('INTERNAL', 'internal error');
    this.finish(visible.grpcStatus);
    this.#sendStatus(statusFields(visible));
  }

  /** Marks the call as over; the caller answers it. */
  protected finish(status: number): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#stopWatchingIdentity?.();
    this.#leaveQuota?.();
    this.context.interceptors.end(this, status);
    this.#over?.abort();
    this.finished();
  }

  /** Called once, when the call is over. */
  protected finished(): void {}

  onDrain(): void {}

  onClose(): void {
    if (!this.#isOver) this.finish(CANCELLED);
  }

  #answerMetadata(): AnswerMetadata {
    this.#added ??= { headers: [], trailers: [] };
    return this.#added;
  }

  #sendStatus(status: [string, string][]): void {
    const trailers = [...status, ...(this.#added?.trailers ?? [])];
    if (this.#hasSentHeaders) {
      this.stream.sendTrailers(new HeaderBlock(trailers));
      return;
    }
    const headers = [
      ...answerFields(this.head.answer.contentType),
      ...(this.#added?.headers ?? []),
    ];
    this.stream.sendHeaders(new HeaderBlock([...headers, ...trailers]), true);
  }
}

function expire(call: GrpcCall): void {
  call.fail(new FoghornError('DEADLINE_EXCEEDED', 'context deadline exceeded'));
}
