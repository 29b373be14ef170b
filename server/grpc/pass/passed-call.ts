import { constants, type ClientHttp2Stream } from 'node:http2';
import { FoghornError } from '../../../protocol/errors.js';
import { checkMay, EVERY_NAMESPACE, type Caller } from '../../access/caller.js';
import { unauthenticated, type Identity } from '../../access/identity.js';
import {
  HeaderBlock,
  type CloseReason,
  type Http2Connection,
  type Http2Stream,
  type StreamHandler,
} from '../../http2/index.js';
import { answerFields } from '../call-head.js';
import type { InterceptedCall, InterceptorChain } from '../interceptor.js';
import { PREFIX_BYTES, sendMessage } from '../frames.js';
import { textOf } from '../metadata.js';
import { CANCELLED, OK, OK_TRAILERS, statusFields } from '../status.js';
import type { Upstream } from './upstream.js';

const NAMESPACE = 'containerd-namespace';
/**
 * Calls that concern what is in the namespace of their metadata. Other services on containerd's
 * socket ignore it: CRI's calls are about one namespace for all.
 */
const NAMESPACED = /^\/containerd\.services\.(?!namespaces\.)/;
const NOT_FOUND = 5;
const GRPC = 'application/grpc';

/** Methods of containerd that change nothing. */
const READING =
  /\/(?:Checkpoints|Connect|Get|Info|List\w*|Metrics|Mounts|Plugins|Read|Resolve|Server|Stat|Stats|Status|Subscribe|Usage|Version|Wait|ReferencedBlobs)$/;

/** Longest request that is kept for a substitute, in bytes. */
const MAX_KEPT_BYTES = 64 * 1024;

/** A call whose server does not know what it asks about. */
export interface UnknownSubject {
  /** The request's message. */
  readonly request: Buffer;
  readonly caller: Caller;
  readonly namespace: string;
  /** Aborts when the call is over. */
  readonly signal: AbortSignal;
}

/** Returns the encoded response in place of NOT_FOUND; undefined to leave it. */
export type Substitute = (subject: UnknownSubject) => Promise<Uint8Array | undefined>;

/**
 * A call that passes on to another server: its header fields, messages, end and trailers go both
 * ways as they come. Each side is read no faster than the other takes it. The deadline is among
 * the fields, so the other server keeps it.
 */
export class PassedCall implements StreamHandler, InterceptedCall {
  readonly caller: Caller;
  #stopWatchingIdentity: (() => void) | undefined;
  #leaveQuota: (() => void) | undefined;
  readonly path: string;
  #upstream: ClientHttp2Stream | undefined;
  #trailers: HeaderBlock | undefined;
  #hasHeaders = false;
  #hasEnded = false;
  /** A substitute is asked, and the server's status waits. */
  #isHeld = false;
  #isOver = false;
  /** The request so far, for a substitute. */
  #kept = Buffer.alloc(0);
  /** Exists while a substitute is asked. To make and abort one costs a quarter of a call. */
  #asking: AbortController | undefined;

  constructor(
    private readonly stream: Http2Stream,
    private readonly identity: Identity,
    private readonly interceptors: InterceptorChain,
    private readonly server: Upstream,
    private readonly substitute: Substitute | undefined,
  ) {
    this.path = stream.headers.path;
    this.caller = identity.caller;
  }

  get connection(): Http2Connection {
    return this.stream.connection;
  }

  metadata(key: string): string | undefined {
    const value = this.stream.headers.get(key);
    return value === undefined ? undefined : textOf(value);
  }

  /** Call this once the stream has the call as its handler. */
  begin(): void {
    this.#stopWatchingIdentity = this.identity.onEnd?.(() => {
      this.#fail(unauthenticated());
      this.#upstream?.close(constants.NGHTTP2_CANCEL);
    });
    try {
      this.interceptors.begin(this);
      checkMay(this.caller, 'engine', this.#namespace());
      this.#leaveQuota = this.caller.quota?.hold('calls');
      if (!READING.test(this.path)) {
        const { caller, path } = this;
        caller.audit?.changed({ action: 'containerd', method: path, namespace: this.#namespace() });
      }
      this.#follow(this.server.request(this.stream.headers));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The namespace that the call is about; every one where the metadata does not bound it. */
  #namespace(): string {
    return NAMESPACED.test(this.path) ? (this.metadata(NAMESPACE) ?? '') : EVERY_NAMESPACE;
  }

  onData(bytes: Buffer): void {
    const { stream } = this;
    if (this.substitute !== undefined && this.#kept.length <= MAX_KEPT_BYTES) {
      this.#kept = Buffer.concat([this.#kept, bytes]);
    }
    if (this.#upstream === undefined || this.#upstream.destroyed) {
      stream.consume(bytes.length);
      return;
    }
    this.#upstream.write(bytes, () => {
      stream.consume(bytes.length);
    });
  }

  onEnd(): void {
    this.#upstream?.end();
  }

  onDrain(): void {
    this.#upstream?.resume();
  }

  onClose(reason: CloseReason): void {
    if (reason !== 'complete') this.#upstream?.close(constants.NGHTTP2_CANCEL);
    this.#finish(CANCELLED);
  }

  /** Ends the call with the status of an error. */
  #fail(error: unknown): void {
    const shown = this.interceptors.fail(error, this);
    if (this.#isOver) return;
    const visible =
      shown instanceof FoghornError ? shown : new FoghornError('INTERNAL', 'internal error');
    const fields = statusFields(visible);
    if (this.#hasHeaders) this.stream.sendTrailers(new HeaderBlock(fields));
    else {
      const head = answerFields(GRPC);
      this.stream.sendHeaders(new HeaderBlock([...head, ...fields]), true);
    }
    this.#finish(visible.grpcStatus);
  }

  #follow(upstream: ClientHttp2Stream): void {
    this.#upstream = upstream;
    upstream.on('response', (_headers: unknown, flags: number, raw?: unknown) => {
      this.#receive(raw, (headers) => {
        this.#takeHeaders(headers, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
      });
    });
    upstream.on('trailers', (_headers: unknown, _flags: number, raw?: unknown) => {
      this.#receive(raw, (trailers) => {
        this.#trailers = trailers;
        this.#endIfComplete();
      });
    });
    upstream.on('data', (bytes: Buffer) => {
      if (!this.stream.sendData(bytes)) upstream.pause();
    });
    upstream.on('end', () => {
      this.#hasEnded = true;
      this.#endIfComplete();
    });
    upstream.on('error', (error: Error) => {
      this.#fail(this.server.away(error));
    });
    upstream.once('close', () => {
      this.#closed(upstream);
    });
  }

  /** Fields that HTTP/2 cannot carry fail the call alone. */
  #receive(raw: unknown, take: (block: HeaderBlock) => void): void {
    let block: HeaderBlock;
    try {
      block = blockOf(raw);
    } catch (error) {
      this.#fail(error);
      this.#upstream?.close(constants.NGHTTP2_CANCEL);
      return;
    }
    take(block);
  }

  #takeHeaders(headers: HeaderBlock, isAll: boolean): void {
    if (this.#isOver) return;
    if (isAll) {
      this.#end(headers, () => {
        this.stream.sendHeaders(headers, true);
      });
      return;
    }
    this.#hasHeaders = true;
    this.stream.sendHeaders(headers);
  }

  /** Trailers may arrive before the client has taken all messages. */
  #endIfComplete(): void {
    const trailers = this.#trailers;
    if (!this.#hasEnded || trailers === undefined) return;
    this.#end(trailers, () => {
      this.stream.sendTrailers(trailers);
    });
  }

  /** @param send sends the status, with the fields that hold it */
  #end(fields: HeaderBlock, send: () => void): void {
    if (this.#isOver || this.#isHeld) return;
    const status = statusOf(fields);
    const leave = (): void => {
      if (this.#isOver) return;
      send();
      this.#finish(status);
    };
    if (status !== NOT_FOUND || this.substitute === undefined) {
      leave();
      return;
    }
    this.#isHeld = true;
    this.#asking = new AbortController();
    const subject = {
      request: this.#kept.subarray(PREFIX_BYTES),
      caller: this.caller,
      namespace: this.metadata(NAMESPACE) ?? '',
      signal: this.#asking.signal,
    };
    this.substitute(subject).then((response) => {
      if (response === undefined) leave();
      else this.#answer(response);
    }, leave);
  }

  #answer(response: Uint8Array): void {
    if (this.#isOver) return;
    if (!this.#hasHeaders) this.stream.sendHeaders(new HeaderBlock(answerFields(GRPC)));
    sendMessage(this.stream, response);
    this.stream.sendTrailers(OK_TRAILERS);
    this.#finish(OK);
  }

  /** Without a status, the stream ends as the server has ended it. */
  #closed({ rstCode }: ClientHttp2Stream): void {
    if (this.#isOver || this.#isHeld) return;
    if (rstCode === constants.NGHTTP2_NO_ERROR && this.#hasEnded) this.stream.end();
    else this.stream.reset(rstCode || constants.NGHTTP2_INTERNAL_ERROR);
  }

  #finish(status: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.interceptors.end(this, status);
    this.#stopWatchingIdentity?.();
    this.#leaveQuota?.();
    this.#asking?.abort();
  }
}

/** The fields of a raw list of Node: names and values in turn. */
function blockOf(raw: unknown): HeaderBlock {
  const list = (raw ?? []) as readonly string[];
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < list.length; i += 2) fields.push([list[i] ?? '', list[i + 1] ?? '']);
  return new HeaderBlock(fields);
}

function statusOf({ fields }: HeaderBlock): number {
  const text = fields.find(({ name }) => name === 'grpc-status')?.value;
  return text === undefined ? OK : Number(text);
}
