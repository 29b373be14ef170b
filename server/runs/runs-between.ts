import { hasFailed, type RunOfContainer } from '../../protocol/container.js';
import { CONTAINER_TOPIC } from '../../protocol/docker-event.js';
import { OBSERVED_RUN_TOPIC } from '../../protocol/recorder-topics.js';
import { checkReads, type Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import { iterate } from '../broker/message-source.js';
import type { ContainerKey } from '../events/filing.js';
import { parseFilters } from '../filter/index.js';
import { containerAt } from './container-at.js';
import { isSelected, type ContainerSelection } from './container-selection.js';
import type { RunSource } from './exit-wait.js';
import { findContainers, keysOf } from './find-containers.js';
import { foldContainers } from './fold-containers.js';
import type { ContainerLifecycle } from './lifecycle.js';
import { beginOf, endOf, hasBegun, runAt, type TrackedRun } from './tracked-run.js';

/** A question about runs in a span of time, ns since 1970; undefined is open. */
export interface RunQuery {
  readonly since: bigint | undefined;
  readonly until: bigint | undefined;
  readonly failedOnly: boolean;
  /** Also runs that overlap the span and had not ended by its end. */
  readonly includeOpen: boolean;
  readonly selection: ContainerSelection;
}

/** Topics of events that may end a run, or that begin one and so end the one before. */
const ENDING_TOPICS = [
  '/tasks/exit',
  '/tasks/delete',
  '/tasks/start',
  '/containers/delete',
  ...['start', 'die', 'destroy', 'remove'].map((action) => `/docker/container/${action}`),
  CONTAINER_TOPIC,
  OBSERVED_RUN_TOPIC,
];
const ENDINGS = parseFilters(ENDING_TOPICS.map((topic) => `topic=="${topic}"`));

/** Runs that are handed over together. A container may have had tens of thousands. */
const RUNS_AT_ONCE = 100;

/**
 * The runs of a span of time, in no particular order, some at a time. Containers that the caller
 * may not read are left out. Throws PERMISSION_DENIED if it names a namespace that it may not read.
 */
export async function* runsBetween(
  { broker }: Pick<RunSource, 'broker'>,
  caller: Caller,
  query: RunQuery,
): AsyncGenerator<readonly RunOfContainer[], void, undefined> {
  const { schedule } = broker;
  let found: RunOfContainer[] = [];
  for await (const lifecycles of lifecyclesOf(broker, caller, query)) {
    for (const lifecycle of lifecycles) {
      for (const run of runsOf(lifecycle, query)) {
        found.push(run);
        if (found.length < RUNS_AT_ONCE) continue;
        yield found;
        found = [];
        if (!schedule.admits()) await schedule.nextSlice();
      }
    }
    // The reader gets what was found while the rest is looked for.
    yield found;
    found = [];
  }
}

async function* lifecyclesOf(
  broker: Broker,
  caller: Caller,
  { since, includeOpen, selection }: RunQuery,
): AsyncGenerator<readonly ContainerLifecycle[], void, undefined> {
  const { namespace, reference } = selection;
  checkReads(caller, namespace);
  if (reference !== undefined) {
    yield await findContainers(broker, caller, namespace, reference, undefined);
  } else if (includeOpen) {
    yield* foldContainers(broker, caller, keysOf(broker, caller, selection), undefined);
  } else {
    yield* foldContainers(
      broker,
      caller,
      keysWithEndings(broker, caller, since, namespace),
      undefined,
    );
  }
}

/**
 * The containers with an event since a time that may have ended a run. It is read up to the newest
 * entry, because an end may be stored long after it happened.
 */
async function* keysWithEndings(
  broker: Broker,
  caller: Caller,
  since: bigint | undefined,
  namespace: string | undefined,
): AsyncGenerator<ContainerKey, void, undefined> {
  const subscription = await broker.open(caller, {
    filter: ENDINGS,
    scope: undefined,
    start: since === undefined ? { kind: 'earliest' } : { kind: 'since', time: since },
    until: undefined,
    stopWhenCaughtUp: true,
    limit: Infinity,
    onGap: 'continue',
  });
  const known = new Set<string>();
  for await (const message of iterate(subscription)) {
    if (message.kind !== 'entries') continue;
    for (const { namespace: found, container, isLifecycle } of message.entries) {
      if (container === undefined || !isLifecycle) continue;
      if (namespace !== undefined && found !== namespace) continue;
      const key = `${found}\0${container}`;
      if (known.has(key)) continue;
      known.add(key);
      yield { namespace: found, container };
    }
  }
}

function* runsOf(
  lifecycle: ContainerLifecycle,
  { since, until, failedOnly, includeOpen, selection }: RunQuery,
): Generator<RunOfContainer> {
  const now = containerAt(lifecycle, undefined);
  if (now === undefined || !isSelected(now, selection)) return;
  for (const reported of lifecycle.runs) {
    if (!hasBegun(reported)) continue;
    const isIn = includeOpen ? overlaps(reported, since, until) : endedIn(reported, since, until);
    if (!isIn) continue;
    const run = runAt(reported, until);
    if (failedOnly && !hasFailed(run)) continue;
    yield { container: now, run };
  }
}

function endedIn(run: TrackedRun, since: bigint | undefined, until: bigint | undefined): boolean {
  // The end of a lost run is the time when its loss was noticed.
  const end = run.run.exit?.exitedAt ?? run.overAt;
  if (end === undefined || (since !== undefined && end < since)) return false;
  return until === undefined || end <= until;
}

function overlaps(run: TrackedRun, since: bigint | undefined, until: bigint | undefined): boolean {
  const begin = beginOf(run);
  const end = endOf(run);
  if (begin !== undefined && until !== undefined && begin > until) return false;
  return end === undefined || since === undefined || end >= since;
}
