import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { TRACEPARENT } from '../../protocol/trace-context.js';
import type { Caller } from '../access/caller.js';
import type { CountCall } from '../edge.js';
import { ClientErrors } from '../internal-error.js';
import { errorBody, sendFailure, sendJson } from './answer.js';
import type { HttpRoute } from './route.js';

interface CompiledRoute {
  readonly route: HttpRoute;
  readonly pattern: RegExp;
}

/** A request's method and path, and what a router makes of it. */
type RouteMatch =
  | { readonly route: HttpRoute; readonly parameters: Readonly<Record<string, string>> }
  | { readonly allowed: readonly string[] };

const STATUS_METHOD_NOT_ALLOWED = 405;

/** Answers requests by their routes. */
export class HttpRouter {
  readonly #routes: readonly CompiledRoute[];
  readonly #errors: ClientErrors;

  constructor(
    routes: readonly HttpRoute[],
    log: Logger,
    private readonly countCall: CountCall,
  ) {
    this.#errors = new ClientErrors(log);
    this.#routes = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  }

  readonly answer = (
    message: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    gone: AbortSignal,
  ): void => {
    void this.#answer(message, response, caller, gone);
  };

  async #answer(
    message: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    gone: AbortSignal,
  ): Promise<void> {
    setCommonHeaders(response);
    let counted = 'unknown';
    try {
      const { method = '', url = '' } = message;
      const [path = '', ...query] = url.split('?');
      const found = this.#find(method, path);
      if ('allowed' in found) {
        refuse(message, response, found.allowed, path);
        return;
      }
      const { route, parameters } = found;
      counted = route.path;
      const request = { message, response, caller, parameters, gone };
      await route.answer({ ...request, query: new URLSearchParams(query.join('?')) });
    } catch (error) {
      const shown = this.#errors.of(error);
      // An answer that has begun can only be marked as incomplete by cutting it.
      if (response.headersSent) response.destroy();
      else sendFailure(response, shown);
    } finally {
      this.countCall(counted, response.statusCode, 1, message.headers[TRACEPARENT]);
      // Reads what a route has left of the body, so that the connection can go on.
      message.resume();
    }
  }

  #find(method: string, path: string): RouteMatch {
    const asked = method === 'HEAD' ? 'GET' : method;
    const allowed: string[] = [];
    for (const { route, pattern } of this.#routes) {
      const groups = pattern.exec(path)?.groups;
      if (groups === undefined) continue;
      const parameters = decoded(groups);
      if (parameters === undefined) continue;
      if (route.method === asked) return { route, parameters };
      allowed.push(route.method);
    }
    return { allowed };
  }
}

function refuse(
  message: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
  path: string,
): void {
  if (allowed.length === 0) {
    const text = `no such path: ${quotedExcerpt(path)}; /v1/openapi.json describes those there are`;
    sendFailure(response, FoghornError.refusal('NOT_FOUND', text));
    return;
  }
  response.setHeader('Allow', allowed.join(', '));
  const text = `method ${quotedExcerpt(message.method ?? '')}: expected ${allowed.join(' or ')}`;
  const error = FoghornError.refusal('UNIMPLEMENTED', text);
  sendJson(response, errorBody(error), STATUS_METHOD_NOT_ALLOWED);
}

/** Sets headers that keep browsers from guessing types, from caching, and from lending answers. */
function setCommonHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
}

function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  // The empty group makes `groups` an object even for a path without parameters.
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}(?<_>)$`);
}

/** Returns undefined where a part is not well encoded. */
function decoded(
  groups: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]),
    );
  } catch {
    return undefined;
  }
}
