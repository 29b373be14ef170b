import type { Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import { foldContainer } from '../runs/container-past.js';
import { ContainerState } from './container-state.js';
import { ContainerProjection, project } from './container-projection.js';
import { RunChange } from './run-change.js';
import { describedIn } from './described-container.js';

/**
 * Reads the state of a container from the history, up to and including an offset.
 *
 * @param recordedFrom see `findRecording`
 */
export async function readContainer(
  broker: Broker,
  caller: Caller,
  namespace: string,
  id: string,
  upTo: number,
  recordedFrom: number,
): Promise<ContainerState> {
  const { state } = await foldContainer(
    broker,
    caller,
    { namespace, container: id },
    { after: 0, upTo },
    {
      begin: () => ({
        projection: new ContainerProjection(namespace, id),
        state: new ContainerState(id),
      }),
      take: ({ projection, state }, view) => {
        const { payload, offset } = view;
        const event = payload && project(projection, view, payload, offset >= recordedFrom);
        if (event instanceof RunChange) state.applyChange(event);
        else if (event?.fields.type === 'container') state.apply(event);
        const described = describedIn(view);
        if (described !== undefined) state.describe(described, offset);
        return true;
      },
    },
  );
  return state;
}
