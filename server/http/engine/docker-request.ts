/** The part of Docker's API that a request belongs to, and how far it reaches. */
export interface DockerOperation {
  /** The part of the API, such as `containers`; undefined for what every client may ask. */
  readonly area: string | undefined;
  /** `read`, `write`, or a narrower action such as `restart` or `files`, which `write` includes. */
  readonly action: string;
}

/** Areas whose requests only read with GET, and change something with all other methods. */
const PLAIN_AREAS = [
  'networks',
  'volumes',
  'plugins',
  'swarm',
  'nodes',
  'services',
  'tasks',
  'secrets',
  'configs',
] as const;

/** Names that a socket's `allow` may have before a colon. */
export const DOCKER_AREAS: ReadonlySet<string> = new Set([
  'events',
  'containers',
  'exec',
  'images',
  'build',
  'system',
  'distribution',
  'auth',
  ...PLAIN_AREAS,
]);

const READING = new Set(['GET', 'HEAD']);
const READING_CONTAINERS = /^\/containers\/(?:json|[^/]+\/(?:json|logs|top|stats|changes))$/;
const FILES_OF_CONTAINERS = /^\/containers\/[^/]+\/(?:archive|export)$/;
const READING_IMAGES = /^\/images\/(?:json|search|get|.+\/(?:json|history|get))$/;
const CONTAINER_ACTION = /^\/containers\/[^/]+\/(?<action>[a-z]+)$/;

/**
 * Finds what a request of Docker's API does; undefined for one that the API does not have.
 *
 * @param path without the version, decoded, and without `//`, `.` and `..`
 */
export function operationOf(method: string, path: string): DockerOperation | undefined {
  const isReading = READING.has(method);
  if (isReading && (path === '/_ping' || path === '/version')) {
    return { area: undefined, action: 'read' };
  }
  const [, first = ''] = path.split('/');
  const plain = { area: first, action: isReading ? 'read' : 'write' };
  switch (first) {
    case 'events':
      return isReading && path === '/events' ? plain : undefined;
    case 'info':
    case 'system':
      return { ...plain, area: 'system' };
    case 'containers':
      return containerOperation(method, path);
    case 'exec':
    case 'auth':
    case 'distribution':
      return plain;
    case 'images':
      return { area: first, action: isReading && READING_IMAGES.test(path) ? 'read' : 'write' };
    case 'build':
    case 'commit':
    case 'session':
    case 'grpc':
      return { area: 'build', action: 'write' };
    default:
      return PLAIN_AREAS.includes(first as (typeof PLAIN_AREAS)[number]) ? plain : undefined;
  }
}

function containerOperation(method: string, path: string): DockerOperation {
  const area = 'containers';
  if (READING.has(method) && READING_CONTAINERS.test(path)) return { area, action: 'read' };
  if (READING.has(method) && FILES_OF_CONTAINERS.test(path)) return { area, action: 'files' };
  if (method !== 'POST') return { area, action: 'write' };
  const { action = 'write' } = CONTAINER_ACTION.exec(path)?.groups ?? {};
  // A wait changes nothing, and a new exec runs what its client likes.
  if (action === 'wait') return { area, action: 'read' };
  return action === 'exec' ? { area: 'exec', action: 'write' } : { area, action };
}
