import type { Http2Stream, StreamHandler } from '../http2/index.js';

/**
 * Keeps what arrives of a request until its caller is identified. The client's window bounds it,
 * because nothing is consumed meanwhile.
 */
export class HeldRequest implements StreamHandler {
  readonly #events: ((handler: StreamHandler) => void)[] = [];

  onData(bytes: Buffer): void {
    this.#events.push((handler) => {
      handler.onData(bytes);
    });
  }

  onEnd(...[trailers]: Parameters<StreamHandler['onEnd']>): void {
    this.#events.push((handler) => {
      handler.onEnd(trailers);
    });
  }

  onDrain(): void {
    // Nothing was sent yet.
  }

  onClose(): void {
    this.#events.length = 0;
  }

  /** Begins the call, unless the client has gone, and gives it everything that has arrived. */
  replay(stream: Http2Stream, begin: () => void): void {
    if (stream.closed) return;
    begin();
    for (const event of this.#events) event(stream.handler);
  }
}
