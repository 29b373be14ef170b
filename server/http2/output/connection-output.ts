import type { Socket } from 'node:net';
import { ControlFrames } from './control-frames.js';
import type { Flushable, FlushQueue } from './flush-queue.js';
import type { OutputBuffer } from './output-buffer.js';
import { ResponseSender, type ResponseEvents, type SenderLimits } from './response-sender.js';

/** Bytes of answers that may wait for a socket before nothing more is read from it. */
const MAX_UNSENT_ANSWERS = 64 * 1024;

/** Everything that a connection sends: one write for each iteration of the event loop. */
export class ConnectionOutput implements Flushable {
  readonly control = new ControlFrames(this);
  readonly sender: ResponseSender;
  #isScheduled = false;
  /** The socket takes nothing before its `drain` event. */
  #isBlocked = false;
  #isPaused = false;

  /** @param onFlushed called after each flush */
  constructor(
    private readonly socket: Socket,
    private readonly buffer: OutputBuffer,
    private readonly queue: FlushQueue,
    limits: SenderLimits,
    events: ResponseEvents,
    private readonly onFlushed: () => void,
  ) {
    this.sender = new ResponseSender(this, limits, events);
    socket.on('drain', () => {
      this.#isBlocked = false;
      this.schedule();
    });
  }

  /** Bytes of answers that are not handed to the socket. */
  get unsentAnswers(): number {
    return this.control.bytes + this.sender.fixedBytes;
  }

  /** Has the connection flushed in this iteration of the event loop. */
  schedule(): void {
    if (this.#isScheduled || this.#isBlocked) return;
    this.#isScheduled = true;
    this.queue.add(this);
  }

  flush(): void {
    this.#isScheduled = false;
    const { buffer, socket } = this;
    if (this.#isBlocked || socket.destroyed) return;
    buffer.begin(socket);
    this.control.writeTo(buffer);
    this.sender.writeTo(buffer);
    buffer.send();
    this.#isBlocked = buffer.isBlocked;
    if (this.#isPaused && !this.#isBlocked) {
      this.#isPaused = false;
      socket.resume();
    }
    this.sender.report();
    this.onFlushed();
  }

  /** Reads on from the client, unless it has to read its answers first. */
  readOn(): void {
    if (!this.#isPaused) this.socket.resume();
  }

  /** Stops reading from a client that asks for answers and does not read them. */
  limitAnswers(): void {
    if (this.unsentAnswers <= MAX_UNSENT_ANSWERS) return;
    this.flush();
    if (!this.#isBlocked || this.#isPaused) return;
    this.#isPaused = true;
    this.socket.pause();
  }
}
