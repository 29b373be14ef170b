import type { BatchMethod } from '../services/service.js';
import type { DecodedRequest } from './request.js';

/** Requests of one method that arrived together. */
export class RequestBatch {
  readonly streams: number[] = [];
  readonly requests: unknown[] = [];
  /** Size of the encoded requests. */
  bytes = 0;
  /** How the requests leave their caller's quota. */
  readonly leaves: (() => void)[] = [];

  constructor(readonly method: BatchMethod) {}

  /** Throws for bytes that are not a request of the method. */
  add(stream: number, { payload, trace }: DecodedRequest): void {
    this.requests.push(this.method.decode(payload, trace));
    this.streams.push(stream);
    this.bytes += payload.length;
  }
}
