import type { Socket } from 'node:net';
import { FoghornError } from '../../protocol/errors.js';
import type { Caller } from '../access/caller.js';
import type { CountCall } from '../edge.js';
import type { ClientErrors } from '../internal-error.js';
import type { BatchMethod } from '../services/service.js';
import { RequestBatch } from './request-batch.js';
import { responseFrame } from './frame.js';
import { TtrpcFrameReader } from './frame-reader.js';
import {
  encodeRefusal,
  evenStream,
  oversized,
  undecodablePayload,
  undecodableRequest,
  unknownMethod,
  unknownService,
  type Refusal,
} from './refusal.js';
import { RequestDecoder, type DecodedRequest } from './request.js';

/** Limits of one connection's unanswered requests. It is not read while one is exceeded. */
const IN_FLIGHT = { requests: 4096, bytes: 8 * 1024 * 1024 };
/** Limit of answers that the client has not read, with the same effect. */
const MAX_UNREAD_BYTES = 1024 * 1024;

const STATUS_OK = 0;
const EMPTY = new Uint8Array(0);

/** Methods by service and name. */
export type MethodTable = ReadonlyMap<string, ReadonlyMap<string, BatchMethod>>;

/**
 * One client's connection. Requests that arrive in one read go to their service together and in
 * order, and their answers leave in one write.
 */
export class TtrpcConnection {
  readonly #decoder = new RequestDecoder();
  readonly #frames: TtrpcFrameReader;
  #batch: RequestBatch | undefined;
  /** Answers to requests that were refused in this read. */
  #refusals: Buffer[] = [];
  readonly #inFlight = { requests: 0, bytes: 0 };
  #isDraining = false;

  constructor(
    private readonly socket: Socket,
    private readonly methods: MethodTable,
    private readonly caller: Caller,
    private readonly errors: ClientErrors,
    private readonly countCalls: CountCall,
  ) {
    this.#frames = new TtrpcFrameReader({
      onFrame: ({ stream, isRequest }, data) => {
        if (isRequest) this.#take(stream, data);
      },
      onOversized: ({ stream, length }) => {
        this.#refuse(stream, oversized(length));
      },
    });
    // An error also closes the socket.
    socket.on('error', () => {});
    socket.on('drain', () => {
      this.#resume();
    });
    socket.on('data', (bytes: Buffer) => {
      this.#read(bytes);
    });
  }

  /** Reads nothing more, and closes once everything that was read is answered. */
  drain(): void {
    this.#isDraining = true;
    this.socket.pause();
    this.#endIfAnswered();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#frames.push(bytes);
    this.#handleBatch();
    if (this.#refusals.length > 0) this.#write(this.#refusals);
    this.#refusals = [];
    if (this.#isFull()) this.socket.pause();
  }

  #take(stream: number, data: Buffer): void {
    if (stream % 2 === 0) {
      this.#refuse(stream, evenStream());
      return;
    }
    let request;
    try {
      request = this.#decoder.decode(data);
    } catch (error) {
      this.#refuse(stream, undecodableRequest(error));
      return;
    }
    const service = this.methods.get(request.service);
    const method = service?.get(request.method);
    if (method !== undefined) this.#add(stream, method, request);
    else if (service !== undefined) this.#refuse(stream, unknownMethod(request.method));
    else this.#refuse(stream, unknownService(request.service));
  }

  #add(stream: number, method: BatchMethod, request: DecodedRequest): void {
    if (this.#batch?.method !== method) this.#handleBatch();
    this.#batch ??= new RequestBatch(method);
    if (!this.#mayCall(stream, this.#batch.leaves)) return;
    try {
      this.#batch.add(stream, request);
    } catch (error) {
      this.#refuse(stream, undecodablePayload(error));
    }
  }

  /** Counts a request as a call of its caller; refuses it above the quota. */
  #mayCall(stream: number, leaves: (() => void)[]): boolean {
    const { quota } = this.caller;
    if (quota === undefined) return true;
    try {
      leaves.push(quota.hold('calls'));
      return true;
    } catch (error) {
      const { grpcStatus: code, message } = this.errors.of(error);
      this.#refuse(stream, { code, message });
      return false;
    }
  }

  #handleBatch(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch === undefined) return;
    if (batch.streams.length === 0) {
      leaveAll(batch);
      return;
    }
    this.#inFlight.requests += batch.streams.length;
    this.#inFlight.bytes += batch.bytes;
    batch.method.handleAll(batch.requests, this.caller).then(
      (results) => {
        this.#count(batch, results);
        this.#answer(batch, (index) => results[index]);
      },
      (error: unknown) => {
        const failure = this.errors.of(error);
        const { method, streams, traceparents } = batch;
        const [traceparent] = traceparents.values();
        this.countCalls(method.path, failure.grpcStatus, streams.length, traceparent);
        this.#answer(batch, () => failure);
      },
    );
  }

  #count(
    { method, streams, traceparents }: RequestBatch,
    results: readonly (Uint8Array | FoghornError | undefined)[],
  ): void {
    let answered = streams.length;
    for (const [index, result] of results.entries()) {
      if (!(result instanceof FoghornError)) continue;
      answered -= 1;
      this.countCalls(method.path, result.grpcStatus, 1, traceparents.get(index));
    }
    if (answered > 0) this.countCalls(method.path, STATUS_OK, answered);
  }

  #answer(
    batch: RequestBatch,
    resultOf: (index: number) => Uint8Array | FoghornError | undefined,
  ): void {
    const { streams, bytes } = batch;
    leaveAll(batch);
    this.#inFlight.requests -= streams.length;
    this.#inFlight.bytes -= bytes;
    this.#write(streams.map((stream, index) => responseFrame(stream, encode(resultOf(index)))));
    this.#resume();
    this.#endIfAnswered();
  }

  #refuse(stream: number, refusal: Refusal): void {
    this.#refusals.push(responseFrame(stream, encodeRefusal(refusal)));
  }

  #write(frames: readonly Buffer[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(frames));
  }

  #isFull(): boolean {
    const { requests, bytes } = this.#inFlight;
    return (
      requests >= IN_FLIGHT.requests ||
      bytes >= IN_FLIGHT.bytes ||
      this.socket.writableLength >= MAX_UNREAD_BYTES
    );
  }

  #resume(): void {
    if (!this.#isDraining && this.socket.isPaused() && !this.#isFull()) this.socket.resume();
  }

  #endIfAnswered(): void {
    if (this.#isDraining && this.#inFlight.requests === 0) this.socket.destroySoon();
  }
}

function leaveAll({ leaves }: RequestBatch): void {
  for (const leave of leaves) leave();
}

function encode(result: Uint8Array | FoghornError | undefined): Uint8Array {
  if (!(result instanceof FoghornError)) return result ?? EMPTY;
  return encodeRefusal({ code: result.grpcStatus, message: result.message });
}
