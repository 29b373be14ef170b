import { formatRfc3339 } from '../../../protocol/rfc3339.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { ContainerState } from '../../docker/container-state.js';
import { parseListFilters } from '../../docker/list-filters.js';
import { parseQueryBoolean } from '../../docker/query-boolean.js';
import { statusText } from '../../docker/status-text.js';
import { noSuchContainer } from '../../docker/wait.js';
import type { ApiRequest, DockerApi } from './api.js';
import { sendJson } from './answer.js';

/**
 * GET /containers/NAME/json: the container's state according to events, and the fields that
 * clients require.
 */
export async function inspectContainer(
  { containers }: DockerApi,
  { name, response }: ApiRequest,
): Promise<void> {
  const container = await containers.find(name);
  if (container.status === 'removed') throw noSuchContainer(name);
  sendJson(response, inspection(container));
}

function inspection(container: ContainerState): object {
  const { id, name, image, labels, status, isRunning, oomKilled, exitCode } = container;
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
      ExitCode: exitCode ?? 0,
      Error: '',
      StartedAt: timeText(container.startedAt),
      FinishedAt: timeText(isRunning ? undefined : container.finishedAt),
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
  { parameters, response }: ApiRequest,
): Promise<void> {
  const filters = parseListFilters(parameters.get('filters') ?? undefined);
  const all = parseQueryBoolean(parameters.get('all'), false) || filters.includesStopped;
  const limit = Number(parameters.get('limit') ?? 0);
  const now = source.clock();
  const listed = (await containers.list()).filter(
    (container) =>
      // With a limit, stopped containers count, too.
      (all || limit > 0 || container.isRunning) && filters.matches(container),
  );
  sendJson(
    response,
    (limit > 0 ? listed.slice(0, limit) : listed).map((container) => summary(container, now)),
  );
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
