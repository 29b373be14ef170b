import { FoghornError } from '../../protocol/errors.js';
import { STRANGER } from '../access/caller.js';
import type { ConnectionAccess } from '../access/connection-access.js';
import { unauthenticated, type Identity } from '../access/identity.js';
import { HeaderBlock, type Http2Stream, type RequestHeaders } from '../http2/index.js';
import type { Method } from '../services/service.js';
import { BidiStreamCall } from './bidi-stream-call.js';
import { answerFields, readHead, type BadRequest, type CallHead } from './call-head.js';
import { ACCEPTED_ENCODINGS } from './encoding.js';
import type { CallContext, GrpcCall } from './grpc-call.js';
import { HeldRequest } from './held-request.js';
import type { InterceptorChain } from './interceptor.js';
import { ServerStreamCall } from './server-stream-call.js';
import { statusFields } from './status.js';
import { UnaryCall } from './unary-call.js';

/**
 * The destination of requests with the same header fields: a method, another server, or back with a
 * refusal.
 */
type CallRoute = MethodRoute | PassRoute | { readonly refusal: HeaderBlock };

interface MethodRoute {
  readonly method: Method;
  readonly head: CallHead;
  /** Callers of the method need not be identified. */
  readonly isOpen: boolean;
}

interface PassRoute {
  readonly pass: PassCall;
  /** The value of the field `authorization`. */
  readonly authorization: string | undefined;
}

/** Begins a call of a method that is not ours on another server. */
export type PassCall = (
  stream: Http2Stream,
  identity: Identity,
  interceptors: InterceptorChain,
) => void;

const STRANGERS: Identity = { caller: STRANGER, by: 'nothing' };

/** Finds the method of each request, and begins its call. */
export class Router {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #services: ReadonlySet<string>;

  constructor(
    methods: readonly Method[],
    private readonly context: CallContext,
    private readonly pass: PassCall | undefined,
  ) {
    this.#methods = new Map(methods.map((method) => [method.path, method]));
    this.#services = new Set(methods.map(({ path }) => splitPath(path).service));
  }

  /** Takes a request whose header fields are complete. */
  readonly take = (stream: Http2Stream): void => {
    const { headers } = stream;
    const route = (headers.derived ??= this.#route(headers)) as CallRoute;
    if ('refusal' in route) {
      stream.sendHeaders(route.refusal, true);
      return;
    }
    let identity: Identity | Promise<Identity>;
    try {
      identity = this.#identify(stream, route);
    } catch (error) {
      stream.sendHeaders(unidentified(error), true);
      return;
    }
    if (!(identity instanceof Promise)) {
      this.#begin(stream, route, identity);
      return;
    }
    const held = (stream.handler = new HeldRequest());
    identity.then(
      (found) => {
        held.replay(stream, () => {
          this.#begin(stream, route, found);
        });
      },
      (error: unknown) => {
        stream.sendHeaders(unidentified(error), true);
      },
    );
  };

  /** Throws, or rejects with, UNAUTHENTICATED. */
  #identify(stream: Http2Stream, route: MethodRoute | PassRoute): Identity | Promise<Identity> {
    const access = stream.connection.context as ConnectionAccess;
    if ('pass' in route) return access.identify(route.authorization);
    return route.isOpen ? STRANGERS : access.identify(route.head.authorization);
  }

  #begin(stream: Http2Stream, route: MethodRoute | PassRoute, identity: Identity): void {
    if ('pass' in route) {
      route.pass(stream, identity, this.context.interceptors);
      return;
    }
    const call = makeCall(stream, route.method, route.head, identity, this.context);
    stream.handler = call;
    call.begin();
  }

  #route(headers: RequestHeaders): CallRoute {
    const method = this.#methods.get(headers.path);
    // The other server judges the other fields.
    if (method === undefined && this.pass !== undefined) {
      return { pass: this.pass, authorization: headers.get('authorization') };
    }
    const head = readHead(headers);
    if ('error' in head) return { refusal: refusal(head) };
    if (method !== undefined) return { method, head, isOpen: this.context.isOpen(method.path) };
    return { refusal: refusal({ httpStatus: 200, error: this.#unknown(headers.path) }) };
  }

  /** Repeats the texts of grpc-go. */
  #unknown(path: string): FoghornError {
    const { service, method } = splitPath(path);
    if (service === '') {
      return new FoghornError('UNIMPLEMENTED', `malformed method name: ${JSON.stringify(path)}`);
    }
    const text = this.#services.has(service)
      ? `unknown method ${method} for service ${service}`
      : `unknown service ${service}`;
    return new FoghornError('UNIMPLEMENTED', text);
  }
}

/** The parts of `/package.Service/Method`; empty ones for a path without two slashes. */
function splitPath(path: string): { service: string; method: string } {
  const end = path.lastIndexOf('/');
  if (end < 1 || !path.startsWith('/')) return { service: '', method: '' };
  return { service: path.slice(1, end), method: path.slice(end + 1) };
}

function makeCall(
  stream: Http2Stream,
  method: Method,
  head: CallHead,
  identity: Identity,
  context: CallContext,
): GrpcCall {
  switch (method.kind) {
    case 'unary':
      return new UnaryCall(stream, method, head, identity, context);
    case 'server stream':
      return new ServerStreamCall(stream, method, head, identity, context);
    case 'bidi stream':
      return new BidiStreamCall(stream, method, head, identity, context);
  }
}

/** Refuses a request whose caller is not identified. */
function unidentified(error: unknown): HeaderBlock {
  const shown = error instanceof FoghornError ? error : unauthenticated();
  return refusal({ httpStatus: 200, error: shown });
}

function refusal({ httpStatus, error }: BadRequest): HeaderBlock {
  const encodings: [string, string] = ['grpc-accept-encoding', ACCEPTED_ENCODINGS];
  return new HeaderBlock([
    ...answerFields('application/grpc', httpStatus),
    ...statusFields(error),
    ...(error.code === 'UNIMPLEMENTED' ? [encodings] : []),
  ]);
}
