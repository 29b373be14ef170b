import { RECORDING_KEY } from '../../../protocol/docker-event.js';
import type { Caller } from '../../access/caller.js';
import type { Broker } from '../../broker/broker.js';
import type { ContainerState } from '../../docker/container-state.js';
import { findRecording } from '../../docker/engine-recording.js';
import { readContainer } from '../../docker/read-container.js';
import { namespacePrefix, type ContainerKey } from '../../events/filing.js';
import { foldContainer } from '../../runs/container-past.js';
import { runEvent } from '../../runs/run-event.js';
import { isOpen, type Run } from '../../runs/run.js';
import { Runs } from '../../runs/runs.js';

/** A container that has a run without an end, or that Docker clients see. */
export interface OpenContainer {
  readonly key: ContainerKey;
  /** The newest run, if its end was not reported. */
  readonly run: Run | undefined;
  /** Pid of the newest run, if its end was reported. */
  readonly endedPid: number;
  readonly docker: ContainerState;
}

const EVERYTHING = { after: 0, upTo: Infinity };

/** Yields undefined for other containers, so that the caller can pause in between. */
export async function* openContainers(
  broker: Broker,
  caller: Caller,
  namespace: string,
): AsyncGenerator<OpenContainer | undefined, void, undefined> {
  const recordings = new Map<string, number>();
  const prefix = namespace === '' ? '' : namespacePrefix(namespace);
  for await (const key of broker.containerKeys(caller, prefix)) {
    if (key.container === RECORDING_KEY) continue;
    const newest = await newestRun(broker, caller, key);
    const run = newest !== undefined && isOpen(newest) ? newest : undefined;
    const endedPid = newest?.exit === undefined ? 0 : newest.pid;
    let recordedFrom = recordings.get(key.namespace);
    if (recordedFrom === undefined) {
      recordedFrom = await findRecording(broker, key.namespace);
      recordings.set(key.namespace, recordedFrom);
    }
    const docker = await readContainer(
      broker,
      caller,
      key.namespace,
      key.container,
      Infinity,
      recordedFrom,
    );
    const isThere = docker.isKnown && docker.status !== 'removed';
    yield run !== undefined || isThere ? { key, run, endedPid, docker } : undefined;
  }
}

async function newestRun(
  broker: Broker,
  caller: Caller,
  key: ContainerKey,
): Promise<Run | undefined> {
  const runs = await foldContainer(broker, caller, key, EVERYTHING, {
    begin: () => new Runs(''),
    take: (found, view) => {
      const event = view.payload && runEvent(view.payload);
      if (event !== undefined) found.add(event, view);
      return true;
    },
  });
  return runs.newest;
}
