import type { Caller } from '../../access/caller.js';
import type { Containers } from '../../docker/containers.js';
import type { ContainerState } from '../../docker/container-state.js';
import { parseListFilters, type ListFilters } from '../../docker/list-filters.js';
import { parseQueryBoolean } from '../../docker/query-boolean.js';
import { shownId } from '../../docker/shown-id.js';
import { statusText } from '../../docker/status-text.js';
import { timeText } from '../../docker/time-text.js';
import { goneText } from '../../docker/gone-container.js';
import { noSuchContainer } from '../../docker/wait.js';
import type { ApiRequest, DockerApi } from './api.js';
import { sendJson } from '../answer.js';
import { isRequested } from './history-parameter.js';
import { sendJsonArray } from './json-array.js';

/**
 * GET /containers/NAME/json: the container's state according to events, and the fields that
 * clients require. A removed container is shown to a client that asks for history.
 */
export async function inspectContainer(
  { containers }: DockerApi,
  { name, response, caller, parameters }: ApiRequest,
): Promise<void> {
  const container = await containers.inspect(caller, name);
  if (container.status === 'removed' && !isRequested(parameters)) {
    throw noSuchContainer(name, goneText(container));
  }
  sendJson(response, inspection(container));
}

function inspection(container: ContainerState): object {
  const { id, name, image, imageId, labels, status, oomKilled, health } = container;
  return {
    Id: shownId(id),
    Created: timeText(container.createdAt),
    Path: '',
    Args: [],
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: '',
    State: {
      Status: status,
      Running: container.isShownRunning,
      Paused: status === 'paused',
      Restarting: status === 'restarting',
      OOMKilled: oomKilled,
      Dead: false,
      Pid: 0,
      ExitCode: container.shownExitCode,
      Error: container.lost === '' ? (container.startFailure ?? '') : container.lost,
      StartedAt: timeText(container.startedAt),
      FinishedAt: timeText(container.finishedAt),
      ...(health !== undefined && { Health: { Status: health, FailingStreak: 0, Log: [] } }),
    },
    Image: imageId === '' ? image : imageId,
    Name: `/${name}`,
    RestartCount: 0,
    Driver: '',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: {
      AutoRemove: false,
      Binds: null,
      LogConfig: { Type: '', Config: {} },
      NetworkMode: 'default',
      PortBindings: {},
      Privileged: false,
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    },
    GraphDriver: { Name: '', Data: null },
    Mounts: [],
    Config: {
      Hostname: '',
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Env: [],
      Cmd: null,
      Image: image,
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      OnBuild: null,
      Labels: Object.fromEntries(labels),
    },
    NetworkSettings: {
      Bridge: '',
      SandboxID: '',
      Ports: {},
      Gateway: '',
      IPAddress: '',
      IPPrefixLen: 0,
      MacAddress: '',
      Networks: {},
    },
  };
}

/** GET /containers/json, the list behind `docker ps`. */
export async function listContainers(
  { containers, source, hasEngine }: DockerApi,
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
    note: hasEngine ? ' (history; the engine is down)' : '',
  };
  const isInSpan = await createdBetween(containers, caller, filters);
  const listed = (await containers.list(caller)).filter(isInSpan);
  await sendJsonArray(response, summaries(listed, wanted, source.clock()), gone);
}

/** Returns the test of the filters that compare the creation with that of other containers. */
async function createdBetween(
  containers: Containers,
  caller: Caller,
  { before, since }: ListFilters,
): Promise<(container: ContainerState) => boolean> {
  if (before.length + since.length === 0) return () => true;
  const timeOf = async (reference: string): Promise<bigint> =>
    (await containers.find(caller, reference)).createdAt ?? 0n;
  // The newest of several counts.
  const newest = (times: readonly bigint[]): bigint => times.reduce((a, b) => (a > b ? a : b), 0n);
  const until = before.length > 0 ? newest(await Promise.all(before.map(timeOf))) : undefined;
  const from = newest(await Promise.all(since.map(timeOf)));
  return ({ createdAt = 0n }) => createdAt > from && (until === undefined || createdAt < until);
}

interface WantedContainers {
  readonly filters: ListFilters;
  readonly includesStopped: boolean;
  readonly atMost: number;
  /** Follows each status. An engine lists its containers itself unless it is down. */
  readonly note: string;
}

/** Yields undefined for a container that is left out, so that the caller can pause in between. */
function* summaries(
  listed: readonly ContainerState[],
  { filters, includesStopped, atMost, note }: WantedContainers,
  now: bigint,
): Iterable<object | undefined> {
  let count = 0;
  for (const container of listed) {
    // One may have been removed since the list was made. Of one whose beginning nobody reported,
    // too little is known to list it.
    const isKnown = container.status !== 'removed' && container.createdAt !== undefined;
    const isThere = isKnown && (includesStopped || container.isShownRunning);
    if (!isThere || !filters.matches(container)) {
      yield undefined;
      continue;
    }
    yield summary(container, now, note);
    count += 1;
    if (count >= atMost) return;
  }
}

function summary(container: ContainerState, now: bigint, note: string): object {
  const { id, name, image, imageId, labels, status, createdAt = 0n } = container;
  return {
    Id: shownId(id),
    Names: [`/${name}`],
    Image: image,
    ImageID: imageId,
    Command: '',
    Created: Number(createdAt / 1_000_000_000n),
    Ports: [],
    Labels: Object.fromEntries(labels),
    State: status,
    Status: `${statusText(container, now)}${note}`,
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  };
}
