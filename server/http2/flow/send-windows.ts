import { DEFAULT_WINDOW_SIZE, MAX_WINDOW_SIZE } from '../protocol.js';
import type { Stream } from '../stream/stream.js';

/** Flow control of what is sent (RFC 9113, section 5.2). */
export class SendWindows {
  /** Bytes that may be sent on all streams together. */
  connection = DEFAULT_WINDOW_SIZE;
  /** The window with which streams begin. A change applies to open streams, too. */
  initial = DEFAULT_WINDOW_SIZE;

  /** Bytes that may be sent on a stream; negative after the client made its windows smaller. */
  ofStream(stream: Stream): number {
    return this.initial + stream.sendWindowOffset;
  }

  areTooWide(streams: Iterable<Stream>): boolean {
    for (const stream of streams) if (this.ofStream(stream) > MAX_WINDOW_SIZE) return true;
    return false;
  }

  take(stream: Stream, bytes: number): void {
    this.connection -= bytes;
    stream.sendWindowOffset -= bytes;
  }

  /** Returns false if the window exceeds what HTTP/2 allows. */
  widen(increment: number): boolean {
    this.connection += increment;
    return this.connection <= MAX_WINDOW_SIZE;
  }

  widenStream(stream: Stream, increment: number): boolean {
    stream.sendWindowOffset += increment;
    return this.ofStream(stream) <= MAX_WINDOW_SIZE;
  }
}
