import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LOCAL, type Caller } from '../access/caller.js';
import { listenerKind, type ListenerKind } from '../listen/listen-address.js';
import { listenOn } from '../listen/listen-socket.js';
import { errorBody, sendJson } from './answer.js';
import { crossOriginRefusal } from './cross-origin.js';
import { OneAtATime } from './one-at-a-time.js';

/** Timeout of idle connections; long, because clients of an event stream come back. */
const KEEP_ALIVE_MS = 60 * 60_000;
/** Limit of a request's head, which is large because filters may name many containers. */
const MAX_HEAD_BYTES = 1024 * 1024;
/** Time for requests that arrived at the end of a drain. */
const LAST_ANSWERS_MS = 250;

/**
 * Answers one request of an identified caller. Must not throw.
 *
 * @param gone aborts when the response is complete or the connection is lost
 */
export type AnswerRequest = (
  message: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
  gone: AbortSignal,
) => void;

/** The HTTP/1 servers of an edge, one for each address. Requests of a connection are in order. */
export class HttpServers {
  readonly #servers: Server[] = [];
  /** The time, by `performance.now()`, at which connections are cut; undefined before the drain. */
  #cutAt: number | undefined;

  /** @param drainMs how long clients have to receive what is on its way to them at the end */
  constructor(
    private readonly answer: AnswerRequest,
    private readonly drainMs: number,
  ) {}

  /** See `Edge.listen`. */
  async listen(address: string): Promise<string> {
    const server = this.#makeServer(listenerKind(address));
    const listening = await listenOn(server, address);
    this.#servers.push(server);
    return listening;
  }

  /** Makes a server for connections that are handed to it, which listens nowhere itself. */
  detached(): Server {
    const server = this.#makeServer('socket');
    this.#servers.push(server);
    return server;
  }

  /** Has connections end with their current answer; the servers still take new ones. */
  drain(): void {
    this.#cutAt ??= performance.now() + this.drainMs;
  }

  /** Takes no new connections, and cuts those that do not end in time. */
  async close(): Promise<void> {
    this.drain();
    const left = (this.#cutAt ?? 0) - performance.now();
    const timer = setTimeout(
      () => {
        for (const server of this.#servers) server.closeAllConnections();
      },
      Math.max(left, Math.min(LAST_ANSWERS_MS, this.drainMs)),
    );
    await Promise.all(
      this.#servers.map(async (server) => {
        const closed = once(server, 'close');
        // This closes idle connections, too.
        server.close();
        await closed;
      }),
    );
    clearTimeout(timer);
  }

  #makeServer(listener: ListenerKind): Server {
    const options = {
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      maxHeaderSize: MAX_HEAD_BYTES,
    };
    const requests = new OneAtATime((message, response, gone) => {
      const refusal = crossOriginRefusal(message.headers, listener);
      if (refusal === undefined) {
        this.answer(message, response, LOCAL, gone);
        return;
      }
      message.resume();
      sendJson(response, errorBody(refusal), refusal.httpStatus);
    });
    const server = createServer(options, (message, response) => {
      // dockerd does not send this header, and connections persist without it.
      response.removeHeader('Connection');
      response.once('finish', () => {
        if (this.#cutAt !== undefined) message.socket.end();
      });
      requests.take(message, response);
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    // A stream of events has no time limit; `headersTimeout` still limits the time to send a
    // request's headers.
    server.requestTimeout = 0;
    return server;
  }
}
