import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRACEPARENT } from '../../../protocol/trace-context.js';
import type { Caller } from '../../access/caller.js';
import { hasPlainErrors, negotiatedVersion, splitApiPath } from '../../docker/api-version.js';
import type { DockerApi, Route } from './api.js';
import { sendError, sendHistoryOnly, sendPageNotFound, setCommonHeaders } from './answer.js';
import { inspectContainer, listContainers } from './containers.js';
import { sendEvents, sendLibpodEvents } from './events.js';
import { decodePath, splitTarget } from './split-target.js';
import { ping, sendVersion } from './system.js';
import { waitForExit } from './wait.js';

interface RouteEntry {
  readonly methods: readonly string[];
  /** As calls are counted; `{name}` is any text. */
  readonly path: string;
  readonly route: Route;
}

const ROUTES = compiled([
  { methods: ['GET'], path: '/events', route: sendEvents },
  { methods: ['GET'], path: '/libpod/events', route: sendLibpodEvents },
  { methods: ['GET', 'HEAD'], path: '/_ping', route: ping },
  { methods: ['GET'], path: '/version', route: sendVersion },
  { methods: ['GET'], path: '/containers/json', route: listContainers },
  { methods: ['GET'], path: '/containers/{name}/json', route: inspectContainer },
  { methods: ['POST'], path: '/containers/{name}/wait', route: waitForExit },
]);

function compiled(
  entries: readonly RouteEntry[],
): readonly (RouteEntry & { readonly pattern: RegExp })[] {
  return entries.map((entry) => {
    const pattern = new RegExp(`^${entry.path.replace('{name}', '(?<name>.+)')}$`, 's');
    return { ...entry, pattern };
  });
}

/** Requests that only an engine can answer. */
const OF_ENGINES: readonly RegExp[] = [
  /^(?:GET|HEAD|PUT) \/containers\/[^/]+\/archive$/,
  /^GET \/containers\/[^/]+\/(?:attach\/ws|changes|export|logs|stats|top)$/,
  /^POST \/containers\/(?:create|prune)$/,
  /^POST \/containers\/[^/]+\/(?:attach|exec|kill|pause|rename|resize|restart|start|stop|unpause|update)$/,
  /^DELETE \/containers\/[^/]+$/,
  /^(?:GET|HEAD|POST|DELETE) \/(?:auth|build|commit|configs|distribution|exec|grpc|images|info|libpod|networks|nodes|plugins|secrets|services|session|swarm|system|tasks|volumes)(?:\/[^/]+)*$/,
];

/** Those that look up one object, as docker-compose does before it follows events. */
const LOOK_UPS: readonly RegExp[] = [
  /^(?:GET|HEAD) \/(?:configs|exec|networks|nodes|plugins|secrets|services|tasks|volumes)\/[^/]+(?:\/json)?$/,
  /^(?:GET|HEAD) \/images\/.+\/json$/,
];

/** Requests with a longer URL are parsed in slices of their own. */
const MAX_SHORT_URL = 4096;

/**
 * Answers a request by its route.
 *
 * @param gone aborts when the client has disconnected or the answer is complete
 */
export async function answerRequest(
  api: DockerApi,
  message: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
  gone: AbortSignal,
): Promise<void> {
  // Some clients send a body with every request, which no route reads.
  message.resume();
  const { method = '', url = '' } = message;
  const { rawPath, query } = splitTarget(url);
  if (rawPath.includes('//')) {
    redirect(response, rawPath, query);
    return;
  }
  const found = findRoute(method, rawPath);
  if (found === undefined) {
    const request = `${method} ${splitApiPath(rawPath).path}`;
    const isOne = (pattern: RegExp): boolean => pattern.test(request);
    if (OF_ENGINES.some(isOne)) sendHistoryOnly(response, request, LOOK_UPS.some(isOne));
    else sendPageNotFound(response);
    return;
  }
  const { requested, name, route, counted } = found;
  try {
    setCommonHeaders(response, api.versions.max, api.version);
    // Podman's own routes have Podman's versions.
    const isLibpod = route === sendLibpodEvents;
    const version = isLibpod ? api.versions.max : negotiatedVersion(requested, api.versions);
    if (method === 'OPTIONS') {
      sendNothing(response);
      return;
    }
    // Thousands of filters take milliseconds to parse, and many clients may send them at once.
    if (url.length > MAX_SHORT_URL) await api.source.broker.schedule.nextSlice();
    const parameters = new URLSearchParams(query);
    await route(api, { message, response, caller, version, parameters, name, gone });
  } catch (error) {
    const shown = api.errors.of(error);
    // An answer that has begun can only be marked as incomplete by cutting it.
    if (response.headersSent) response.destroy();
    else sendError(response, shown, hasPlainErrors(requested));
  } finally {
    api.countCall(counted, response.statusCode, 1, message.headers[TRACEPARENT]);
  }
}

interface FoundRoute {
  readonly route: Route;
  readonly counted: string;
  readonly requested: string | undefined;
  readonly name: string;
}

function findRoute(method: string, rawPath: string): FoundRoute | undefined {
  const decoded = decodePath(rawPath);
  if (decoded === undefined) return undefined;
  const { version: requested, path } = splitApiPath(decoded);
  for (const { methods, path: counted, pattern, route } of ROUTES) {
    const match = pattern.exec(path);
    if (match === null || !(methods.includes(method) || method === 'OPTIONS')) continue;
    return { route, counted, requested, name: match.groups?.name ?? '' };
  }
  return undefined;
}

function redirect(response: ServerResponse, path: string, query: string): void {
  const location = path.replace(/\/{2,}/g, '/') + (query === '' ? '' : `?${query}`);
  response.writeHead(301, { Location: location, 'Content-Length': 0 });
  response.end();
}

function sendNothing(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Length': 0 });
  response.end();
}
