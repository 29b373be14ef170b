import { splitApiPath } from '../../docker/api-version.js';
import { decodePath, splitTarget } from '../docker/split-target.js';

/** A request's target, split. */
export interface RequestTarget {
  /** The decoded path without the version, such as `/containers/web/json`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The container that the path names; undefined if it names none. */
  readonly container: string | undefined;
  /** Whether the path is of Podman's own API, whose answers have other forms. */
  readonly isLibpod: boolean;
  /** The rest of a container's path, such as `json`; empty for the container itself. */
  readonly action: string;
}

/** Paths below `/containers/` that are not names of containers. */
const NO_CONTAINER = new Set(['json', 'create', 'prune']);

const CONTAINER = /^(?:\/libpod)?\/containers\/(?<name>[^/]+)(?:\/(?<action>.+))?$/;

/** Splits the target of a request; undefined for one that cannot be decoded. */
export function readTarget(target: string): RequestTarget | undefined {
  const { rawPath, query } = splitTarget(target);
  const decoded = decodePath(rawPath);
  if (decoded === undefined) return undefined;
  const { path } = splitApiPath(decoded);
  const { name, action = '' } = CONTAINER.exec(path)?.groups ?? {};
  const isContainer = name !== undefined && !(NO_CONTAINER.has(name) && action === '');
  return {
    path,
    isLibpod: path.startsWith('/libpod/'),
    query: new URLSearchParams(query),
    container: isContainer ? name : undefined,
    action,
  };
}
