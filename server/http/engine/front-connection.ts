import { STATUS_CODES } from 'node:http';
import type { Logger } from 'pino';
import type { EngineAddress } from '../../../protocol/engine-address.js';
import { FoghornError } from '../../../protocol/errors.js';
import type { Caller } from '../../access/caller.js';
import type { ConnectionAccess } from '../../access/connection-access.js';
import type { Identity } from '../../access/identity.js';
import type { ClientErrors } from '../../internal-error.js';
import type { ListenerKind } from '../../listen/listen-address.js';
import { retryAfter } from '../answer.js';
import { BrokenMessage } from './body-scanner.js';
import { dialEngine, engineAway } from './engine-dial.js';
import { Exchange, NoResponse, type ExchangeEnd, type ResponseRules } from './exchange.js';
import { LocalAnswers, type LocalServer } from './local-server.js';
import { parseRequestHead, type RequestHead } from './message-head.js';
import type { HttpPeer } from './http-peer.js';
import type { SocketFilter } from './socket-filter.js';

/** dockerd's limit of a request's head, which is large because filters may name many containers. */
const MAX_HEAD_BYTES = 1024 * 1024;
/** Time for a client to complete a head that it has begun, in milliseconds. */
const HEAD_MS = 60_000;

/** The side that answers a request. */
export type Destination =
  /** Foghorn does. */
  | { readonly kind: 'local'; readonly head: RequestHead }
  /** The error is the answer. */
  | { readonly kind: 'refuse'; readonly error: FoghornError }
  /** The engine does. While it is down, Foghorn does if `orLocal`. */
  | { readonly kind: 'pass'; readonly rules: ResponseRules; readonly orLocal: boolean };

/** The client of a connection. */
export interface FrontClient {
  readonly peer: HttpPeer;
  readonly access: ConnectionAccess;
  /** The kind of address that the connection was accepted at. */
  readonly listener: ListenerKind;
  readonly address: string;
  /** The rights of the address; undefined where everything is allowed. */
  readonly filter: SocketFilter | undefined;
}

/** The caller of one request. */
export interface RequestCaller extends Omit<FrontClient, 'peer' | 'access'> {
  readonly caller: Caller;
}

/** The parts that the connections of a front share. */
export interface FrontContext {
  readonly engine: EngineAddress | undefined;
  readonly local: LocalServer;
  /** The memory of connections on which little arrives. */
  readonly shared: Buffer;
  readonly log: Logger;
  readonly errors: ClientErrors;
  readonly route: (head: RequestHead, client: RequestCaller) => Promise<Destination>;
  /** Header lines of an answer that says no, such as the version of the API. */
  readonly refusalFields: () => readonly string[];
}

/** The requests of one client: reads each head, and has the request answered here or passes it. */
export class FrontConnection {
  readonly #client: HttpPeer;
  readonly #local: LocalAnswers;
  /** The connection to the engine that belongs to the client's. */
  #engine: HttpPeer | undefined;
  /** Called when the request that is answered has ended. */
  #leaveQuota: (() => void) | undefined;
  #forgetIdentity: (() => void) | undefined;
  #isClosing = false;
  #isBusy = false;

  constructor(
    private readonly client: FrontClient,
    private readonly context: FrontContext,
  ) {
    this.#client = client.peer;
    this.#local = new LocalAnswers(client.peer, client.access, context.local);
  }

  /** Resolves when the connection is over; never rejects. */
  async run(): Promise<void> {
    try {
      while (await this.#next());
      this.#client.close();
    } catch (error) {
      this.#cut(error);
    } finally {
      this.#engine?.socket.destroy();
    }
  }

  /** Closes the connection once its request is answered. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isBusy) this.#client.close();
  }

  /** Handles one request; resolves with whether another may follow. */
  async #next(): Promise<boolean> {
    const head = await this.#head();
    if (head === undefined) return false;
    this.#isBusy = true;
    try {
      const end = await this.#answer(head);
      if (typeof end === 'boolean') return end && !this.#isClosing;
      await end();
      return false;
    } finally {
      this.#isBusy = false;
      this.#leaveQuota?.();
      this.#forgetIdentity?.();
      this.#leaveQuota = this.#forgetIdentity = undefined;
    }
  }

  async #head(): Promise<RequestHead | undefined> {
    const { source, socket } = this.#client;
    if (!(await source.peek())) return undefined;
    const timer = setTimeout(() => socket.destroy(), HEAD_MS);
    try {
      const bytes = await source.head(MAX_HEAD_BYTES);
      return bytes && parseRequestHead(bytes);
    } catch (error) {
      await this.#refuse(this.context.errors.of(error));
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Answers a request for as long as its caller's proof of identity is valid. */
  async #answer(head: RequestHead): Promise<ExchangeEnd> {
    let identity: Identity;
    try {
      const authorization = head.fields.find(({ name }) => name === 'authorization')?.value;
      identity = await this.client.access.identify(authorization);
    } catch (error) {
      return this.#refuseFor(this.context.errors.of(error), head);
    }
    this.#forgetIdentity = identity.onEnd?.(() => this.#client.socket.destroy());
    const route = await this.#route(identity.caller, head);
    switch (route.kind) {
      case 'local':
        return this.#local.answer(route.head);
      case 'refuse':
        return this.#refuseFor(route.error, head);
      case 'pass':
        return this.#passFor(identity.caller, head, route);
    }
  }

  /** Passes a request on, as a call in its caller's quota. Local answers count themselves. */
  async #passFor(
    { quota }: Caller,
    head: RequestHead,
    { rules, orLocal }: Destination & { readonly kind: 'pass' },
  ): Promise<ExchangeEnd> {
    try {
      this.#leaveQuota = quota?.hold('calls');
    } catch (error) {
      return this.#refuseFor(this.context.errors.of(error), head);
    }
    try {
      return await this.#pass(head, rules);
    } catch (error) {
      if (!(error instanceof FoghornError) || error.code !== 'UNAVAILABLE') throw error;
      this.#leaveQuota?.();
      this.#leaveQuota = undefined;
      return await (orLocal ? this.#local.answer(head) : this.#refuseFor(error, head));
    }
  }

  /** Refuses a request; resolves with whether another may follow. */
  async #refuseFor(error: FoghornError, head: RequestHead): Promise<boolean> {
    await this.#refuse(error, head);
    // Its body is not read, so the next request cannot be found.
    return head.framing.kind === 'none' && head.persists;
  }

  async #route(caller: Caller, head: RequestHead): Promise<Destination> {
    try {
      const { listener, address, filter } = this.client;
      return await this.context.route(head, { caller, listener, address, filter });
    } catch (error) {
      return { kind: 'refuse', error: this.context.errors.of(error) };
    }
  }

  /** @throws FoghornError UNAVAILABLE if the engine is down, and nothing was answered */
  async #pass(head: RequestHead, rules: ResponseRules): Promise<ExchangeEnd> {
    const { engine: address, shared } = this.context;
    if (address === undefined) throw new Error('a request was passed on without an engine');
    const kept = this.#engine?.isOver === false ? this.#engine : undefined;
    const engine = (this.#engine = kept ?? (await dialEngine(address, shared)));
    try {
      return await new Exchange(this.#client, engine, head, rules).run();
    } catch (error) {
      engine.socket.destroy();
      if (!(error instanceof NoResponse)) throw error;
      if (kept !== undefined && isRepeatable(head)) return this.#pass(head, rules);
      throw engineAway(address.text, 'it ended the connection before it answered');
    }
  }

  async #refuse(error: FoghornError, head?: RequestHead): Promise<void> {
    const { httpStatus, message } = error;
    const pause = retryAfter(error);
    const body = `${JSON.stringify({ message })}\n`;
    const closes = head?.framing.kind !== 'none' || !head.persists;
    const lines = [
      `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? 'Error'}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(closes ? ['Connection: close'] : []),
      ...(pause === undefined ? [] : [`Retry-After: ${pause}`]),
      ...this.context.refusalFields(),
    ];
    const content = head?.method === 'HEAD' ? '' : body;
    await this.#client.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${content}`));
  }

  /** A response that has begun can only be marked as incomplete by cutting it. */
  #cut(error: unknown): void {
    const isExpected = error instanceof BrokenMessage || error instanceof FoghornError;
    if (isExpected) this.context.log.debug(`docker: connection cut: ${error.message}`);
    else this.context.errors.of(error);
    this.#client.socket.destroy();
  }
}

/** Whether a request may be sent again when its connection turns out to be closed. */
function isRepeatable({ method, framing }: RequestHead): boolean {
  return framing.kind === 'none' && (method === 'GET' || method === 'HEAD');
}
