import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../access/caller.js';

/** A path of the HTTP edge and the methods that it takes. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it: `{name}` stands for one segment, decoded, that is not empty. */
  readonly path: string;
  /**
   * Answers a request. A FoghornError before the answer has begun becomes the answer; later, the
   * connection is cut. A route of GET answers HEAD, too; the body is then left out.
   */
  answer(request: HttpRequest): void | Promise<void>;
}

/** A request of a route. */
export interface HttpRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** The parts of the path that the route names. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly caller: Caller;
  /** Aborts when the answer is complete or the client has gone. */
  readonly gone: AbortSignal;
}
