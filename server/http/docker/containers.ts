import { formatRfc3339 } from '../../../protocol/rfc3339.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { ContainerState } from '../../docker/container-state.js';
import { parseListFilters, type ListFilters } from '../../docker/list-filters.js';
import { parseQueryBoolean } from '../../docker/query-boolean.js';
import { statusText } from '../../docker/status-text.js';
import { noSuchContainer } from '../../docker/wait.js';
import type { ApiRequest, DockerApi } from './api.js';
import { sendJson } from '../answer.js';
import { sendJsonArray } from './json-array.js';

/**
 * GET /containers/NAME/json: the container's state according to events, and the fields that
 * clients require.
 */
export async function inspectContainer(
  { containers }: DockerApi,
  { name, response, caller }: ApiRequest,
): Promise<void> {
  const container = await containers.inspect(caller, name);
  if (container.status === 'removed') throw noSuchContainer(name);
  sendJson(response, inspection(container));
}

function inspection(container: ContainerState): object {
  const { id, name, image, labels, status, isRunning, oomKilled } = container;
  return {
    Id: id,
    Created: timeText(container.createdAt),
    Path: '',
    Args: [],
    State: {
      Status: status,
      Running: isRunning,
      Paused: status === 'paused',
      Restarting: false,
      OOMKilled: oomKilled,
      Dead: false,
      Pid: 0,
      ExitCode: container.shownExitCode,
      Error: container.lost === '' ? (container.startFailure ?? '') : container.lost,
      StartedAt: timeText(container.startedAt),
      FinishedAt: timeText(container.finishedAt),
    },
    Image: image,
    Name: `/${name}`,
    RestartCount: 0,
    HostConfig: {
      AutoRemove: false,
      LogConfig: { Type: '', Config: {} },
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    },
    Mounts: [],
    Config: {
      Image: image,
      Labels: Object.fromEntries(labels),
      Tty: false,
      OpenStdin: false,
      AttachStdin: false,
    },
    NetworkSettings: { Networks: {} },
  };
}

/** GET /containers/json, the list behind `docker ps`. */
export async function listContainers(
  { containers, source }: DockerApi,
  { parameters, response, caller, gone }: ApiRequest,
): Promise<void> {
  const filters = parseListFilters(parameters.get('filters') ?? undefined);
  const limit = Number(parameters.get('limit') ?? 0);
  const all = parseQueryBoolean(parameters.get('all'), false) || filters.includesStopped;
  const wanted: WantedContainers = {
    filters,
    // With a limit, stopped containers count, too.
    includesStopped: all || limit > 0,
    atMost: limit > 0 ? limit : Infinity,
  };
  const listed = await containers.list(caller);
  await sendJsonArray(response, summaries(listed, wanted, source.clock()), gone);
}

interface WantedContainers {
  readonly filters: ListFilters;
  readonly includesStopped: boolean;
  readonly atMost: number;
}

/** Yields undefined for a container that is left out, so that the caller can pause in between. */
function* summaries(
  listed: readonly ContainerState[],
  { filters, includesStopped, atMost }: WantedContainers,
  now: bigint,
): Iterable<object | undefined> {
  let count = 0;
  for (const container of listed) {
    // One may have been removed since the list was made. Of one whose beginning nobody reported,
    // too little is known to list it.
    const isKnown = container.status !== 'removed' && container.createdAt !== undefined;
    const isThere = isKnown && (includesStopped || container.isRunning);
    if (!isThere || !filters.matches(container)) {
      yield undefined;
      continue;
    }
    yield summary(container, now);
    count += 1;
    if (count >= atMost) return;
  }
}

function summary(container: ContainerState, now: bigint): object {
  const { id, name, image, labels, status, createdAt = 0n } = container;
  return {
    Id: id,
    Names: [`/${name}`],
    Image: image,
    ImageID: '',
    Command: '',
    Created: Number(createdAt / 1_000_000_000n),
    Ports: [],
    Labels: Object.fromEntries(labels),
    State: status,
    Status: statusText(container, now),
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  };
}

const NEVER = '0001-01-01T00:00:00Z';

/** Docker's text for a time in ns since 1970. */
function timeText(time: bigint | undefined): string {
  if (time === undefined) return NEVER;
  return formatRfc3339(timestampFromNanos(time), 'needed') ?? NEVER;
}
