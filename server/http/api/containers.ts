import type { Container, ContainerRun } from '../../../protocol/container.js';
import { checkNamespace } from '../../events/names.js';
import type { ContainerSelection } from '../../runs/container-selection.js';
import { containersAt } from '../../runs/containers-at.js';
import { knowledgeOf, type Knowledge } from '../../runs/knowledge.js';
import { runsBetween } from '../../runs/runs-between.js';
import type { HttpRequest, HttpRoute } from '../route.js';
import { writable } from '../writable.js';
import type { HttpApi } from './api.js';
import { timeJson } from './describe.js';
import { checkNames, invalidQuery, parseFlag, parseSpan, parseTimeParameter } from './query.js';

const SELECTION = ['namespace', 'reference', 'image', 'label'];

/** `/v1/containers`, those that existed at a moment, and `/v1/runs`, those of a span of time. */
export function containerRoutes(api: HttpApi): readonly HttpRoute[] {
  return [
    { method: 'GET', path: '/v1/containers', answer: (request) => sendContainers(api, request) },
    { method: 'GET', path: '/v1/runs', answer: (request) => sendRuns(api, request) },
  ];
}

async function sendContainers(api: HttpApi, request: HttpRequest): Promise<void> {
  const { query, caller } = request;
  checkNames(query, [...SELECTION, 'at', 'removed']);
  const at = parseTimeParameter(query, 'at', api.clock());
  const selection = selectionOf(query);
  const includeRemoved = parseFlag(query, 'removed') ?? false;
  const knowledge = await knowledgeOf(api, caller, selection.namespace, at);
  const found = containersAt(api, caller, { at, selection, includeRemoved, ...knowledge });
  await sendList(request, 'containers', knowledge, found, containerJson);
}

async function sendRuns(api: HttpApi, request: HttpRequest): Promise<void> {
  const { query, caller } = request;
  checkNames(query, [...SELECTION, 'since', 'until', 'failed', 'open']);
  const { since, until } = parseSpan(query, api.clock());
  const asked = {
    since,
    until,
    failedOnly: parseFlag(query, 'failed') ?? false,
    includeOpen: parseFlag(query, 'open') ?? false,
    selection: selectionOf(query),
  };
  const knowledge = await knowledgeOf(api, caller, asked.selection.namespace, until);
  const found = runsBetween(api, caller, asked);
  await sendList(request, 'runs', knowledge, found, ({ container, run }) => ({
    container: containerJson({ ...container, run: undefined }),
    ...runJson(run),
  }));
}

function selectionOf(query: URLSearchParams): ContainerSelection {
  const namespace = query.get('namespace') ?? undefined;
  if (namespace !== undefined) checkNamespace(namespace, 'namespace: ');
  return {
    namespace,
    reference: query.get('reference') ?? undefined,
    image: query.get('image') ?? undefined,
    labels: query.getAll('label').map((text) => {
      const [, name, , value] = /^([^=]+)(=(.*))?$/s.exec(text) ?? [];
      if (name === undefined) throw invalidQuery('label', 'name or name=value', text);
      return { name, value };
    }),
  };
}

/**
 * Sends a list as it is found, because it may be long. A failure after the beginning cuts the
 * connection.
 */
async function sendList<Item>(
  { response, gone }: HttpRequest,
  name: string,
  { knownFrom, maybeOutdated }: Knowledge,
  found: AsyncIterable<readonly Item[]>,
  toJson: (item: Item) => object,
): Promise<void> {
  const known = { known_from: timeJson(knownFrom), maybe_outdated: maybeOutdated };
  let text = `${JSON.stringify(known).slice(0, -1)},"${name}":[`;
  let isFirst = true;
  for await (const items of found) {
    if (gone.aborted) return;
    for (const item of items) {
      text += `${isFirst ? '' : ','}${JSON.stringify(toJson(item))}`;
      isFirst = false;
    }
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json' });
    if (text !== '' && !response.write(text)) await writable(response);
    text = '';
  }
  if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(`${text}]}\n`);
}

function containerJson(container: Container): object {
  const { namespace, id, name, image, labels, state, createdAt, removedAt, run } = container;
  return {
    namespace,
    id,
    name,
    image,
    labels: Object.fromEntries(labels),
    state,
    created_at: timeJson(createdAt),
    removed_at: timeJson(removedAt),
    ...(run !== undefined && { run: runJson(run) }),
  };
}

function runJson(run: ContainerRun): object {
  return {
    pid: run.pid,
    started_at: timeJson(run.startedAt),
    finished_at: timeJson(run.finishedAt),
    exit_code: run.exitCode ?? null,
    lost_reason: run.lostReason,
    last_seen: timeJson(run.lastSeen),
    failed_to_start: run.failedToStart,
    oom: run.oom,
    cursor: run.cursor,
  };
}
