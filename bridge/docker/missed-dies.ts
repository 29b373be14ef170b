import { setTimeout as delay } from 'node:timers/promises';
import { nanosFromTimestamp, unpack } from '../../client/index.js';
import type { Entry, ReadStart } from '../../client/index.js';
import { RECORDING_KEY } from '../../protocol/docker-event.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { DockerRecorderContext } from './recorder-context.js';
import { readEntries } from './read-history.js';
import { ContainerHistory, isOwn } from './container-history.js';
import { REPORT_DELAY_MS } from './engine-status.js';
import { eventEnvelope } from './envelopes.js';
import { missedDie } from './missed-die.js';

/** Of a container of an engine. */
const DOCKER_CONTAINER_ID = /^[0-9a-f]{64}$/;

/** How long before the last event recorded an exit may have been that was not looked into yet, ns. */
const LOOKBACK_NS = 600_000_000_000n;

/** Milliseconds between two looks at whether the engine may still tell something. */
const POLL_INTERVAL_MS = 250;

/**
 * Records how containers ended while their engine was down, which it never tells: whoever was waiting for that would wait for
 * ever. Their exits are there if containerd's events are recorded, too. Goes through them one after the other, in the order of
 * history, until the signal aborts; each is looked into when the engine can no longer tell of it.
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
 * Where to begin: what ended before an engine was recorded is shown as containerd told it. Waits for the first recording if there
 * was none. Undefined when the signal aborts before that.
 */
async function startOfRecording(context: DockerRecorderContext): Promise<ReadStart | undefined> {
  const { namespace, state, signal } = context;
  const recordedUntil = state.followedUntil;
  const container = { namespace, id: RECORDING_KEY };
  for await (const entry of readEntries(
    context,
    { container, start: 'earliest', limit: 1 },
    signal,
  )) {
    const since = recordedUntil === undefined ? undefined : recordedUntil - LOOKBACK_NS;
    return since !== undefined && since > timeOf(entry) ? { since } : { after: entry.cursor };
  }
  return undefined;
}

/**
 * Resolves with true when the engine will tell nothing more of what happened at this time, and all that it has told is stored;
 * with false when the signal aborts before that.
 */
async function whenReportedAll(context: DockerRecorderContext, time: bigint): Promise<boolean> {
  const { engineStatus, queue, signal } = context;
  const age = Date.now() - Number(time / 1_000_000n);
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
  if (age < REPORT_DELAY_MS) await pause(Math.min(REPORT_DELAY_MS - age, REPORT_DELAY_MS));
  while (!engineStatus.hasReportedAll && !signal.aborted) await pause(POLL_INTERVAL_MS);
  if (signal.aborted) return false;
  await queue.whenStored();
  return true;
}

async function historyOf(
  context: DockerRecorderContext,
  id: string,
  exit: Entry,
): Promise<ContainerHistory> {
  const { namespace, signal } = context;
  const past = new ContainerHistory(id, timeOf(exit));
  const container = { namespace, id };
  const options = { container, start: 'earliest', stopWhenCaughtUp: true } as const;
  for await (const entry of readEntries(context, options, signal)) past.add(entry);
  return past;
}

function fillIn({ namespace, queue, say }: DockerRecorderContext, die: DockerEvent): void {
  const { attributes } = die;
  const name = attributes.get('name') ?? die.actorId;
  say(`${name} ended with ${attributes.get('exitCode') ?? ''}, which the engine did not tell`);
  queue.add({ envelope: eventEnvelope(namespace, die) });
}

function timeOf({ timestamp }: Entry): bigint {
  return timestamp === undefined ? 0n : nanosFromTimestamp(timestamp);
}
