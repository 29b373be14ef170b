import type { Server } from '@grpc/grpc-js';
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import { LONGEST_TIMER_MS } from '../../../protocol/clock.js';
import { FoghornError } from '../../../protocol/errors.js';
import { MAX_MESSAGE_BYTES } from '../../../protocol/limits.js';
import type { Call, UnaryMethod } from '../../services/service.js';
import { PREFIX_BYTES } from '../frame-writer.js';
import { http2ServersOf } from '../http2-servers.js';
import { firstHeader } from '../metadata.js';
import { timeLimit } from '../time-limit.js';
import { UnaryAnswer } from './unary-answer.js';

type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
) => void;

const taken = new WeakSet<Http2Server>();

/**
 * Answers calls of these methods on their HTTP/2 streams. This bypasses grpc-js, whose overhead
 * per call exceeds our own work. grpc-js still gets calls of other methods, compressed calls, and
 * all calls where its HTTP/2 servers are not accessible, so it needs these methods, too. Call this
 * after each bind. See docs/decisions/0019-unary-calls-bypass-grpc-js.md.
 */
export function takeUnaryCalls(server: Server, methods: readonly UnaryMethod[], log: Logger): void {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  for (const http2Server of http2ServersOf(server)) {
    if (taken.has(http2Server)) continue;
    taken.add(http2Server);
    const others = http2Server.listeners('stream') as StreamListener[];
    // Without a listener of grpc-js, the calls left to it would never be answered.
    if (others.length === 0) continue;
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream, headers, flags) => {
      const method = byPath.get(headers[':path'] ?? '');
      if (method !== undefined && isPlain(headers)) {
        new UnaryCall(stream, headers, method, log);
      } else {
        for (const listener of others) listener.call(http2Server, stream, headers, flags);
      }
    });
  }
}

/** Whether a call needs nothing that only grpc-js does. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  return (
    headers[':method'] === 'POST' &&
    headers['content-type']?.startsWith('application/grpc') === true &&
    headers['grpc-encoding'] === undefined &&
    !Number.isNaN(timeLimit(headers))
  );
}

/** An error also closes the stream, which ends the call. */
const ignore = (): void => {};

/**
 * One call of a method, on its HTTP/2 stream. Refuses invalid requests as grpc-js does, with its
 * texts.
 */
class UnaryCall implements Call {
  readonly #messages = new MessageReader();
  readonly #answer: UnaryAnswer;
  #request: unknown;
  #over: AbortController | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly headers: IncomingHttpHeaders,
    private readonly method: UnaryMethod,
    log: Logger,
  ) {
    this.#answer = new UnaryAnswer(stream, method, log);
    stream.on('error', ignore);
    stream.on('data', (bytes: Buffer) => {
      this.#read(bytes);
    });
    stream.on('end', () => {
      this.#handle();
    });
    const limit = timeLimit(headers);
    if (limit <= LONGEST_TIMER_MS) this.#limit(limit);
  }

  metadata(key: string): string | undefined {
    return firstHeader(this.headers, key);
  }

  get signal(): AbortSignal {
    this.#over ??= this.#watch();
    return this.#over.signal;
  }

  #watch(): AbortController {
    const over = new AbortController();
    if (this.stream.closed) over.abort();
    this.stream.once('close', () => {
      over.abort();
    });
    return over;
  }

  #limit(ms: number): void {
    const timer = setTimeout(() => {
      this.#answer.refuse(new FoghornError('DEADLINE_EXCEEDED', 'Deadline exceeded'));
    }, ms);
    this.stream.once('close', () => {
      clearTimeout(timer);
    });
  }

  #read(bytes: Buffer): void {
    if (this.#answer.isOver) return;
    try {
      for (const message of this.#messages.push(bytes)) this.#take(message);
    } catch (error) {
      this.#answer.refuse(error);
    }
  }

  #take(message: Buffer): void {
    const request = this.#decode(message);
    if (this.#request !== undefined) throw this.#wrongCount('a second');
    this.#request = request;
  }

  #decode(message: Buffer): unknown {
    try {
      return this.method.decode(message);
    } catch (cause) {
      throw new FoghornError('INTERNAL', 'Error deserializing request', { cause });
    }
  }

  /** Called after the last byte of the request. */
  #handle(): void {
    if (this.#answer.isOver) return;
    if (this.#request === undefined) {
      this.#answer.refuse(this.#wrongCount('no'));
      return;
    }
    this.#answer.sendWhenReady(this.method.handle(this.#request, this));
  }

  /** grpc-js says "server streaming" for unary methods, too. */
  #wrongCount(number: 'no' | 'a second'): FoghornError {
    return new FoghornError(
      'UNIMPLEMENTED',
      `Received ${number} request message for server streaming method ${this.method.path}`,
    );
  }
}

/**
 * Splits the bytes of a request into gRPC messages as they arrive. Ignores the compression flags,
 * as grpc-js does in a call that names no encoding.
 */
export class MessageReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes known to be needed for the next message. */
  #needed = PREFIX_BYTES;

  /**
   * Returns the messages that these bytes complete, as views of them where they arrived in one
   * piece. Throws RESOURCE_EXHAUSTED as soon as a prefix announces a message that is too large.
   */
  push(bytes: Buffer): Buffer[] {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    const messages: Buffer[] = [];
    while (this.#bytes >= this.#needed) {
      const [first = bytes] = this.#parts;
      const joined = this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#bytes);
      const end = PREFIX_BYTES + lengthIn(joined);
      if (joined.length < end) {
        this.#keep(joined, end);
      } else {
        messages.push(joined.subarray(PREFIX_BYTES, end));
        this.#keep(joined.subarray(end), PREFIX_BYTES);
      }
    }
    return messages;
  }

  #keep(rest: Buffer, needed: number): void {
    this.#parts = [rest];
    this.#bytes = rest.length;
    this.#needed = needed;
  }
}

function lengthIn(prefix: Buffer): number {
  const length = prefix.readUInt32BE(1);
  if (length <= MAX_MESSAGE_BYTES) return length;
  throw new FoghornError(
    'RESOURCE_EXHAUSTED',
    `Received message larger than max (${length} vs ${MAX_MESSAGE_BYTES})`,
  );
}
