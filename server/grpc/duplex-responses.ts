import type { ServerDuplexStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import type { Logger } from 'pino';
import type { ResponseStream } from '../services/service.js';
import { statusOf } from './status.js';

/** The responses of a bidi stream that grpc-js carries. */
export class DuplexResponses implements ResponseStream {
  constructor(
    private readonly duplex: ServerDuplexStream<unknown, Uint8Array>,
    /** Aborts when the call is over. */
    private readonly signal: AbortSignal,
    private readonly log: Logger,
  ) {}

  async send(response: Uint8Array): Promise<void> {
    const { duplex, signal } = this;
    if (signal.aborted || duplex.write(response)) return;
    // A cancelled stream never drains.
    await once(duplex, 'drain', { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  pause(): void {
    this.duplex.pause();
  }

  resume(): void {
    this.duplex.resume();
  }

  end(): void {
    this.duplex.end();
  }

  fail(error: unknown): void {
    if (this.signal.aborted) return;
    this.duplex.emit('error', statusOf(error, this.log));
  }
}
