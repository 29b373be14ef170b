import { setTimeout as delay } from 'node:timers/promises';
import { nanosFromTimestamp, unpack } from '../../client/index.js';
import type { Entry, ReadStart } from '../../client/index.js';
import { RECORDING_KEY } from '../../protocol/docker-event.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { DockerBridge } from './bridge-parts.js';
import { entriesOf } from './broker-read.js';
import { ContainerPast, isOwn } from './container-past.js';
import { TELLING } from './engine-watch.js';
import { eventEnvelope } from './envelopes.js';
import { missedDie } from './missed-die.js';

/** Of a container of an engine. */
const ENGINE_ID = /^[0-9a-f]{64}$/;

/** How long before the last event recorded an exit may have been that was not looked into yet, ns. */
const MARGIN = 600_000_000_000n;

/** Milliseconds between two looks at whether the engine may still tell something. */
const INTERVAL = 250;

/**
 * Records how containers ended while their engine was down, which it never tells: whoever was waiting for that would wait for
 * ever. Their exits are there if containerd's events are recorded, too. Goes through them one after the other, in the order of
 * history, until the signal aborts; each is looked into when the engine can no longer tell of it.
 */
export async function fillInMissedDies(bridge: DockerBridge): Promise<void> {
  const { namespace, signal } = bridge;
  const start = await startOfRecording(bridge);
  if (start === undefined) return;
  const filters = [`namespace==${JSON.stringify(namespace)},topic=="/tasks/exit"`];
  for await (const entry of entriesOf(bridge, { filters, start }, signal)) {
    const exit = unpack(entry.event);
    if (exit?.type !== 'containerd.events.TaskExit' || !isOwn(exit.value)) continue;
    if (!ENGINE_ID.test(exit.value.containerId)) continue;
    if (!(await whenToldAll(bridge, timeOf(entry)))) return;
    const { containerId } = exit.value;
    const die = missedDie(containerId, await pastOf(bridge, containerId, entry), entry);
    if (die !== undefined && !signal.aborted) fillIn(bridge, die);
  }
}

/**
 * Where to begin: what ended before an engine was recorded is shown as containerd told it. Waits for the first recording if there
 * was none. Undefined when the signal aborts before that.
 */
async function startOfRecording(bridge: DockerBridge): Promise<ReadStart | undefined> {
  const { namespace, state, signal } = bridge;
  const recordedUntil = state.followedUntil;
  const container = { namespace, id: RECORDING_KEY };
  for await (const entry of entriesOf(bridge, { container, start: 'earliest', limit: 1 }, signal)) {
    const since = recordedUntil === undefined ? undefined : recordedUntil - MARGIN;
    return since !== undefined && since > timeOf(entry) ? { since } : { after: entry.cursor };
  }
  return undefined;
}

/**
 * Resolves with true when the engine will tell nothing more of what happened at this time, and all that it has told is stored;
 * with false when the signal aborts before that.
 */
async function whenToldAll(bridge: DockerBridge, time: bigint): Promise<boolean> {
  const { watch, recorder, signal } = bridge;
  const age = Date.now() - Number(time / 1_000_000n);
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
  if (age < TELLING) await pause(Math.min(TELLING - age, TELLING));
  while (!watch.hasToldAll && !signal.aborted) await pause(INTERVAL);
  if (signal.aborted) return false;
  await recorder.whenStored();
  return true;
}

async function pastOf(bridge: DockerBridge, id: string, exit: Entry): Promise<ContainerPast> {
  const { namespace, signal } = bridge;
  const past = new ContainerPast(id, timeOf(exit));
  const container = { namespace, id };
  const options = { container, start: 'earliest', stopWhenCaughtUp: true } as const;
  for await (const entry of entriesOf(bridge, options, signal)) past.add(entry);
  return past;
}

function fillIn({ namespace, recorder, say }: DockerBridge, die: DockerEvent): void {
  const { attributes } = die;
  const name = attributes.get('name') ?? die.actorId;
  say(`${name} ended with ${attributes.get('exitCode') ?? ''}, which the engine did not tell`);
  recorder.take({ envelope: eventEnvelope(namespace, die) });
}

function timeOf({ timestamp }: Entry): bigint {
  return timestamp === undefined ? 0n : nanosFromTimestamp(timestamp);
}
