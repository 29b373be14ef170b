import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FoghornError } from '../../protocol/errors.js';
import { STRANGER, type Caller } from '../access/caller.js';
import type { ConnectionAccess } from '../access/connection-access.js';
import { unauthenticated } from '../access/identity.js';
import type { Listener, Listeners } from '../listen/listeners.js';
import { sendFailure } from './answer.js';
import { crossOriginRefusal } from './cross-origin.js';
import { OneAtATime } from './one-at-a-time.js';

/** Timeout of idle connections; long, because clients of an event stream come back. */
const KEEP_ALIVE_MS = 60 * 60_000;
/** Limit of a request's head, which is large because filters may name many containers. */
const MAX_HEAD_BYTES = 1024 * 1024;
const SERVER_OPTIONS = {
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  maxHeaderSize: MAX_HEAD_BYTES,
};
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

  readonly #connections = new WeakMap<Socket, ConnectionAccess>();

  /**
   * @param drainMs how long clients have to receive what is on its way to them at the end
   * @param isOpen whether a request, by its URL, is open to callers that are not identified
   */
  constructor(
    private readonly answer: AnswerRequest,
    private readonly listeners: Listeners,
    private readonly drainMs: number,
    private readonly isOpen: (url: string) => boolean = () => false,
  ) {}

  /** See `Edge.listen`. Resolves with the address, and whether it has TLS. */
  async listen(address: string): Promise<{ readonly address: string; readonly isSecure: boolean }> {
    const listener = await this.listeners.prepare(address, ['http/1.1']);
    const server = this.#makeServer(listener);
    const listening = await listener.listen(server);
    this.#servers.push(server);
    return { address: listening, isSecure: listener.tls !== undefined };
  }

  /**
   * Makes a server for connections that are handed to it, which listens nowhere itself.
   *
   * @param connect see `Listener.connect`
   */
  detached(connect: (stream: Duplex) => ConnectionAccess | undefined): Server {
    // The one that hands connections over checks where requests come from.
    const server = this.#makeServer({ kind: 'socket', tls: undefined, connect });
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

  #makeServer(listener: Pick<Listener, 'kind' | 'tls' | 'connect'>): Server {
    const requests = new OneAtATime((message, response, gone) => {
      const refusal = crossOriginRefusal(message.headers, listener.kind);
      if (refusal === undefined) void this.#admit(message, response, gone);
      else refuse(message, response, refusal);
    });
    const take = (message: IncomingMessage, response: ServerResponse): void => {
      // dockerd does not send this header, and connections persist without it.
      response.removeHeader('Connection');
      response.once('finish', () => {
        if (this.#cutAt !== undefined) message.socket.end();
      });
      requests.take(message, response);
    };
    const server =
      listener.tls === undefined
        ? createServer(SERVER_OPTIONS, take)
        : createTlsServer({ ...SERVER_OPTIONS, ...listener.tls }, take);
    server.on(listener.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      const access = listener.connect(socket);
      if (access === undefined) socket.destroy();
      else this.#connections.set(socket, access);
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    // A stream of events has no time limit; `headersTimeout` still limits the time to send a
    // request's headers.
    server.requestTimeout = 0;
    return server;
  }

  /** Identifies the caller of a request, and answers it. */
  async #admit(
    message: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<void> {
    if (this.isOpen(message.url ?? '')) {
      this.answer(message, response, STRANGER, gone);
      return;
    }
    const access = this.#connections.get(message.socket);
    try {
      if (access === undefined) throw unauthenticated();
      const found = access.identify(message.headers.authorization);
      const { caller, onEnd } = found instanceof Promise ? await found : found;
      if (gone.aborted) return;
      const leaveQuota = caller.quota?.hold('calls');
      if (leaveQuota !== undefined) gone.addEventListener('abort', leaveQuota, { once: true });
      // An answer that has begun can only be cut.
      const forget = onEnd?.(() => message.socket.destroy());
      if (forget !== undefined) gone.addEventListener('abort', forget, { once: true });
      this.answer(message, response, caller, gone);
    } catch (error) {
      const shown = error instanceof FoghornError ? error : unauthenticated();
      if (shown.code === 'UNAUTHENTICATED') {
        response.setHeader('WWW-Authenticate', 'Bearer realm="foghorn"');
      }
      refuse(message, response, shown);
    }
  }
}

function refuse(message: IncomingMessage, response: ServerResponse, refusal: FoghornError): void {
  message.resume();
  sendFailure(response, refusal);
}
