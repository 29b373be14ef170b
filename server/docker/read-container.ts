import type { Broker } from '../broker/broker.js';
import { ContainerState } from './container-state.js';
import { ContainerStory, tell } from './container-story.js';
import { describedIn } from './described-container.js';

/**
 * What the history tells of a container, up to and including an offset.
 *
 * @param recordedFrom see `findRecording`
 */
export async function readContainer(
  broker: Broker,
  namespace: string,
  id: string,
  upTo: number,
  recordedFrom: number,
): Promise<ContainerState> {
  const begin = (): { story: ContainerStory; state: ContainerState } => ({
    story: new ContainerStory(namespace, id),
    state: new ContainerState(id),
  });
  const { state } = await broker.foldContainer(
    { namespace, container: id },
    upTo,
    begin,
    ({ story, state }, view) => {
      const { payload, offset } = view;
      const event = payload && tell(story, view, payload, offset >= recordedFrom);
      if (event?.fields.type === 'container') state.apply(event);
      const described = describedIn(view);
      if (described !== undefined) state.describe(described, offset);
      return true;
    },
  );
  return state;
}
