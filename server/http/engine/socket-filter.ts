import { FoghornError } from '../../../protocol/errors.js';
import { excerpt, quotedExcerpt } from '../../../protocol/excerpt.js';
import { splitTarget } from '../docker/split-target.js';
import { DOCKER_AREAS, operationOf, type DockerOperation } from './docker-request.js';
import type { RequestHead } from './message-head.js';

/** The requests that a socket allows, from `?allow=…&mask=env` of its address. */
export class SocketFilter {
  readonly #allowed: ReadonlySet<string>;

  /**
   * @param allowed such as `events`, `containers:read` and `containers:restart`
   * @param masksEnv whether the environment of containers and images is hidden
   */
  constructor(
    private readonly allowed: readonly string[],
    readonly masksEnv: boolean,
  ) {
    this.#allowed = new Set(allowed.map((one) => (one.includes(':') ? one : `${one}:read`)));
  }

  /** Returns the refusal of a request; undefined for one that is allowed. */
  refusalOf({ method, target }: RequestHead): FoghornError | undefined {
    const path = plainPath(target);
    if (path === undefined) {
      return denied(
        `${quotedExcerpt(target)}: expected a path without //, dots and escapes of them`,
      );
    }
    if (this.masksEnv && path.endsWith('/top') && asksForColumns(target)) {
      return denied('this socket hides environments, which ps_args could show');
    }
    const operation = operationOf(method, path);
    if (operation !== undefined && this.#allows(operation)) return undefined;
    const list = this.allowed.join(', ') || 'nothing';
    return denied(`this socket does not allow ${method} ${excerpt(path)}; it allows ${list}`);
  }

  #allows({ area, action }: DockerOperation): boolean {
    if (area === undefined) return true;
    return this.#allowed.has(`${area}:${action}`) || this.#allowed.has(`${area}:write`);
  }
}

/** Whether a request for processes chooses what is shown of them. */
function asksForColumns(target: string): boolean {
  return new URLSearchParams(splitTarget(target).query).has('ps_args');
}

function denied(text: string): FoghornError {
  return FoghornError.refusal('PERMISSION_DENIED', text);
}

const VERSION = /^\/v\d{1,2}\.\d{1,3}(?=\/)/;
/** The characters of Docker's paths. No path that clients need has an escape. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~:@!$&'()*+,;=.-]+)+$/;

/**
 * The path of a target without its version; undefined for one that the engine may read as another
 * path: a whole URI, an empty segment, `.`, `..`, an escape, a character that paths do not have.
 */
function plainPath(target: string): string | undefined {
  const [path = ''] = target.split('?');
  if (!PLAIN_PATH.test(path) || /\/\.{1,2}(?:\/|$)/.test(path)) return undefined;
  return path.replace(VERSION, '');
}

/** An address of a Docker socket, split. */
export interface DockerAddress {
  /** Without the query. */
  readonly address: string;
  /** Undefined where everything is allowed. */
  readonly filter: SocketFilter | undefined;
}

/**
 * Splits an address such as `unix:///run/ro.sock?allow=events,containers:read&mask=env`.
 *
 * @throws FoghornError INVALID_ARGUMENT
 */
export function readDockerAddress(text: string): DockerAddress {
  const [address = '', query] = text.split('?');
  if (query === undefined) return { address, filter: undefined };
  const parameters = new URLSearchParams(query);
  const allow = parameters.get('allow');
  const mask = parameters.get('mask');
  parameters.delete('allow');
  parameters.delete('mask');
  const rest = parameters.size === 0 ? address : `${address}?${parameters.toString()}`;
  if (allow === null && mask === null) return { address: rest, filter: undefined };
  if (allow === null || (mask !== null && mask !== 'env')) {
    throw invalid(text, 'expected allow=AREA:read,… and at most mask=env beside it');
  }
  const allowed = allow.split(',').filter((one) => one !== '');
  for (const one of allowed) checkAllowed(text, one);
  return { address: rest, filter: new SocketFilter(allowed, mask === 'env') };
}

function checkAllowed(text: string, one: string): void {
  const [area = '', action = 'read', ...more] = one.split(':');
  if (DOCKER_AREAS.has(area) && /^[a-z]+$/.test(action) && more.length === 0) return;
  const areas = [...DOCKER_AREAS].join(', ');
  throw invalid(
    text,
    `${quotedExcerpt(one)} is no right; expected AREA:ACTION with one of ${areas}`,
  );
}

function invalid(text: string, expected: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', `address ${quotedExcerpt(text)}: ${expected}`);
}
