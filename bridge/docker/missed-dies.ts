import { setTimeout as delay } from 'node:timers/promises';
import { nanosFromTimestamp, unpack } from '../../client/index.js';
import type { Entry, ReadStart } from '../../client/index.js';
import { RECORDING_KEY } from '../../protocol/docker-event.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { ContainerHistory, isOwn } from './container-history.js';
import { eventEnvelope } from './envelopes.js';
import { missedDie } from './missed-die.js';
import { readEntries } from '../read-history.js';
import type { DockerRecorderContext } from './recorder-context.js';

/** The ids that Docker engines give to containers. */
const DOCKER_CONTAINER_ID = /^[0-9a-f]{64}$/;

/** Exits this long before the last recorded event may still be unexamined, in nanoseconds. */
const LOOKBACK_NS = 600_000_000_000n;

/**
 * Records how containers ended while their engine was down. The engine never reports those ends, so
 * a client that waits for one would wait for ever. Their exits are in the history if containerd is
 * recorded too. Examines the exits one by one, in the order of history, until the signal aborts;
 * each is examined once the engine can no longer report it.
 */
export async function fillInMissedDies(context: DockerRecorderContext): Promise<void> {
  const { namespace, signal } = context;
  const start = await startOfRecording(context);
  if (start === undefined) return;
  const filters = [`namespace==${JSON.stringify(namespace)},topic=="/tasks/exit"`];
  for await (const entry of readEntries(context, { filters, start }, signal)) {
    const exit = unpack(entry.event);
    if (exit?.type !== 'containerd.events.TaskExit' || !isOwn(exit.value)) continue;
    if (!DOCKER_CONTAINER_ID.test(exit.value.containerId)) continue;
    if (!(await whenReportedAll(context, timeOf(entry)))) return;
    const { containerId } = exit.value;
    const die = missedDie(containerId, await historyOf(context, containerId, entry), entry);
    if (die !== undefined && !signal.aborted) fillIn(context, die);
  }
}

/**
 * Returns the position after which exits are examined: ends from before the engine was recorded are
 * shown as containerd reported them. Waits for the first recording if the history has none. Returns
 * undefined when the signal aborts before that.
 */
async function startOfRecording(context: DockerRecorderContext): Promise<ReadStart | undefined> {
  const { namespace, state, signal } = context;
  const recordedUntil = state.lastEvent;
  const first = {
    container: { namespace, id: RECORDING_KEY },
    start: 'earliest',
    limit: 1,
  } as const;
  for await (const entry of readEntries(context, first, signal)) {
    const since = recordedUntil === undefined ? undefined : recordedUntil - LOOKBACK_NS;
    return since !== undefined && since > timeOf(entry) ? { since } : { after: entry.cursor };
  }
  return undefined;
}

/**
 * Resolves with true when the engine will report nothing more of this time and its reports are
 * stored; resolves with false when the signal aborts before that.
 *
 * @param time nanoseconds since 1970
 */
async function whenReportedAll(context: DockerRecorderContext, time: bigint): Promise<boolean> {
  const { engineStatus, queue, signal } = context;
  const { reportDelay, pollInterval } = context.timings;
  const age = Date.now() - Number(time / 1_000_000n);
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
  if (age < reportDelay) await pause(Math.min(reportDelay - age, reportDelay));
  while (!engineStatus.hasReportedAll && !signal.aborted) await pause(pollInterval);
  if (signal.aborted) return false;
  await queue.whenStored(signal);
  return !signal.aborted;
}

async function historyOf(
  context: DockerRecorderContext,
  id: string,
  exit: Entry,
): Promise<ContainerHistory> {
  const { namespace, signal } = context;
  const history = new ContainerHistory(id, timeOf(exit));
  const container = { namespace, id };
  const options = { container, start: 'earliest', stopWhenCaughtUp: true } as const;
  for await (const entry of readEntries(context, options, signal)) history.add(entry);
  return history;
}

function fillIn({ namespace, queue, say }: DockerRecorderContext, die: DockerEvent): void {
  const { attributes } = die;
  const name = attributes.get('name') ?? die.actorId;
  say(`${name} ended with exit code ${attributes.get('exitCode') ?? ''}; the engine missed it`);
  queue.add({ envelope: eventEnvelope(namespace, die) });
}

function timeOf({ timestamp }: Entry): bigint {
  return timestamp === undefined ? 0n : nanosFromTimestamp(timestamp);
}
