import { RECORDING_KEY } from '../../protocol/docker-event.js';
import { BROKER } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import type { EventView } from '../events/event-view.js';
import { DOCKER_RECORDING } from '../events/filed-types.js';
import { typeName } from '../events/type-name.js';
import { foldContainer } from '../runs/container-past.js';

const EVERYTHING = { after: 0, upTo: Infinity };

/** The offset from which an engine is recorded in a namespace; Infinity if none is. */
export async function findRecording(broker: Broker, namespace: string): Promise<number> {
  const key = { namespace, container: RECORDING_KEY };
  const first = await foldContainer(broker, BROKER, key, EVERYTHING, {
    begin: () => ({ offset: Infinity }),
    take: (found, view) => {
      if (isRecording(view)) found.offset = view.offset;
      return found.offset === Infinity;
    },
  });
  return first.offset;
}

/** Whether the entry says that a recording began or continues. */
export function isRecording({ payload }: EventView): boolean {
  return payload !== undefined && typeName(payload.typeUrl) === DOCKER_RECORDING;
}
