import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may wait behind the one in flight. Docker's clients do not pipeline. */
const MAX_WAITING = 16;

/** A request whose turn has come. */
type Answer = (message: IncomingMessage, response: ServerResponse, gone: AbortSignal) => void;

/**
 * Answers the requests of each connection one after the other. Node hands over all requests of a
 * pipeline at once, and a response that waits behind another one emits no `close`, so whatever
 * belongs to it would never be released. Cuts a connection that pipelines too many.
 */
export class OneAtATime {
  readonly #connections = new WeakMap<Socket, RequestQueue>();

  /** @param answer its signal aborts when the response is complete or the connection is lost */
  constructor(private readonly answer: Answer) {}

  /** Takes a request of a connection. */
  take(message: IncomingMessage, response: ServerResponse): void {
    const { socket } = message;
    // Node goes on with the requests of a piece of data after the socket was destroyed.
    if (socket.destroyed) return;
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      this.#connections.set(socket, (connection = new RequestQueue(socket, this.answer)));
    }
    connection.take(message, response);
  }
}

interface WaitingRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

/** The requests of one connection; they are released with it. */
class RequestQueue {
  readonly #waiting: WaitingRequest[] = [];
  /** Aborts the request in flight. */
  #gone: AbortController | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly answer: Answer,
  ) {
    socket.once('close', () => {
      this.#waiting.length = 0;
      this.#end();
    });
  }

  take(message: IncomingMessage, response: ServerResponse): void {
    if (this.#gone === undefined) this.#begin({ message, response });
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ message, response });
    else this.socket.destroy();
  }

  #begin({ message, response }: WaitingRequest): void {
    this.#gone = new AbortController();
    // Node has made the next response the socket's own by then.
    response.once('finish', () => {
      this.#end();
      const next = this.#waiting.shift();
      if (next !== undefined && this.socket.writable) this.#begin(next);
    });
    this.answer(message, response, this.#gone.signal);
  }

  #end(): void {
    this.#gone?.abort();
    this.#gone = undefined;
  }
}
