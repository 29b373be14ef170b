import type { BatchMethod } from '../services/service.js';
import type { DecodedRequest } from './request.js';

/** Requests of one method that arrived together. */
export class RequestBatch {
  readonly streams: number[] = [];
  readonly requests: unknown[] = [];
  /** By the indexes of the requests that belong to a trace. */
  readonly traceparents = new Map<number, string>();
  /** Size of the encoded requests. */
  bytes = 0;
  /** How the requests leave their caller's quota. */
  readonly leaves: (() => void)[] = [];

  constructor(readonly method: BatchMethod) {}

  /** Throws for bytes that are not a request of the method. */
  add(stream: number, { payload, trace }: DecodedRequest): void {
    const index = this.requests.push(this.method.decode(payload, trace)) - 1;
    if (trace !== undefined) this.traceparents.set(index, trace.traceparent);
    this.streams.push(stream);
    this.bytes += payload.length;
  }
}
