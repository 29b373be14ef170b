import {
  ContainersRequest,
  ContainersResponse,
  RunsRequest,
  RunsResponse,
} from '../../../protos/gen/foghorn/v1/containers.js';
import { HistoryService } from '../../../protos/gen/foghorn/v1/history.js';
import type { Caller } from '../../access/caller.js';
import type { Container } from '../../../protocol/container.js';
import { containersAt, type ContainerQuery } from '../../runs/containers-at.js';
import type { RunSource } from '../../runs/exit-wait.js';
import { knowledgeOf } from '../../runs/knowledge.js';
import { runsBetween, type RunQuery } from '../../runs/runs-between.js';
import { GeneratedSource } from '../generated-source.js';
import type { Method, ServerStreamMethod } from '../service.js';
import { containerQuery, runQuery } from './container-requests.js';
import {
  containerMessage,
  runOfContainerMessage,
  knowledgeMessage,
} from './container-responses.js';

/** The methods of foghorn.v1.History about containers and their runs. */
export function containerMethods(source: RunSource): readonly Method[] {
  return [containersMethod(source), runsMethod(source)];
}

function containersMethod(
  source: RunSource,
): ServerStreamMethod<ContainersRequest, ContainersResponse> {
  return {
    kind: 'server stream',
    path: HistoryService.containers.path,
    decode: (bytes) => ContainersRequest.decode(bytes),
    open: (request, { caller }) => {
      const messages = containers(source, caller, containerQuery(request));
      return Promise.resolve(new GeneratedSource(messages));
    },
    encode: (response) => [ContainersResponse.encode(response).finish()],
  };
}

function runsMethod(source: RunSource): ServerStreamMethod<RunsRequest, RunsResponse> {
  return {
    kind: 'server stream',
    path: HistoryService.runs.path,
    decode: (bytes) => RunsRequest.decode(bytes),
    open: (request, { caller }) =>
      Promise.resolve(new GeneratedSource(runs(source, caller, runQuery(request)))),
    encode: (response) => [RunsResponse.encode(response).finish()],
  };
}

async function* containers(
  source: RunSource,
  caller: Caller,
  query: ContainerQuery,
): AsyncGenerator<ContainersResponse | undefined, void, undefined> {
  const knowledge = await knowledgeOf(source, caller, query.selection.namespace, query.at);
  yield { containers: [], knowledge: knowledgeMessage(knowledge) };
  for await (const found of containersAt(source, caller, { ...query, ...knowledge })) {
    if (found.length === 0) yield undefined;
    for (const some of packed(found, (container) => container)) {
      yield { containers: some.map(containerMessage), knowledge: undefined };
    }
  }
}

async function* runs(
  source: RunSource,
  caller: Caller,
  query: RunQuery,
): AsyncGenerator<RunsResponse | undefined, void, undefined> {
  const knowledge = await knowledgeOf(source, caller, query.selection.namespace, query.until);
  yield { runs: [], knowledge: knowledgeMessage(knowledge) };
  for await (const found of runsBetween(source, caller, query)) {
    if (found.length === 0) yield undefined;
    for (const some of packed(found, ({ container }) => container)) {
      yield { runs: some.map(runOfContainerMessage), knowledge: undefined };
    }
  }
}

/** Messages stay near this size, except for a single container that is larger. */
const MESSAGE_BYTES = 256 * 1024;

/** Characters of a container besides its labels, at most. */
const CONTAINER_SIZE = 1000;

/** Items that fit into one message together. Labels take nearly all of the space. */
function* packed<Item>(
  items: readonly Item[],
  containerOf: (item: Item) => Pick<Container, 'labels'>,
): Generator<readonly Item[]> {
  let some: Item[] = [];
  let size = 0;
  for (const item of items) {
    size += CONTAINER_SIZE;
    for (const [name, value] of containerOf(item).labels) size += name.length + value.length;
    if (size > MESSAGE_BYTES && some.length > 0) {
      yield some;
      some = [];
      size = 0;
    }
    some.push(item);
  }
  if (some.length > 0) yield some;
}
