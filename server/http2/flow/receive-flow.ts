import { ConnectionError } from '../connection-error.js';
import { ERROR_CODE } from '../error-code.js';
import type { ControlFrames } from '../output/control-frames.js';
import { DEFAULT_WINDOW_SIZE } from '../protocol.js';
import type { Stream } from '../stream/stream.js';

export interface ReceiveWindows {
  readonly initialWindowSize: number;
  readonly connectionWindowSize: number;
}

/**
 * Flow control of what the client sends (RFC 9113, section 5.2). Windows are widened when half of
 * them is used, so most requests need no WINDOW_UPDATE.
 */
export class ReceiveFlow {
  #window = DEFAULT_WINDOW_SIZE;
  #credit = 0;

  constructor(
    private readonly windows: ReceiveWindows,
    private readonly control: ControlFrames,
  ) {}

  /** Widens the connection's window from HTTP/2's default to the server's. */
  open(): void {
    const increment = this.windows.connectionWindowSize - DEFAULT_WINDOW_SIZE;
    if (increment <= 0) return;
    this.control.windowUpdate(0, increment);
    this.#window += increment;
  }

  /**
   * Counts a DATA frame against the connection's window. Its credit is given back at once: a stream
   * that waits for its handler must not stop the others.
   */
  receive(bytes: number): void {
    this.#window -= bytes;
    if (this.#window < 0) {
      throw new ConnectionError(ERROR_CODE.FLOW_CONTROL_ERROR, 'more data than the window allows');
    }
    this.#credit += bytes;
    if (this.#credit < this.windows.connectionWindowSize / 2) return;
    this.control.windowUpdate(0, this.#credit);
    this.#window += this.#credit;
    this.#credit = 0;
  }

  /** Counts a DATA frame against a stream's window. Returns false if it is wider than that. */
  receiveOn(stream: Stream, bytes: number): boolean {
    stream.receiveWindow -= bytes;
    return stream.receiveWindow >= 0;
  }

  credit(stream: Stream, bytes: number): void {
    stream.credit += bytes;
    if (stream.credit < this.windows.initialWindowSize / 2 || stream.requestEnded) return;
    this.control.windowUpdate(stream.id, stream.credit);
    stream.receiveWindow += stream.credit;
    stream.credit = 0;
  }
}
