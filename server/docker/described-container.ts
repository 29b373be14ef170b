import { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import type { EventView } from '../events/event-view.js';
import { DOCKER_CONTAINER } from '../events/filed-types.js';
import { typeName } from '../events/type-name.js';

/** The container that an entry describes as its engine did; undefined for other entries. */
export function describedIn({ payload }: EventView): DockerContainer | undefined {
  if (payload === undefined || typeName(payload.typeUrl) !== DOCKER_CONTAINER) return undefined;
  try {
    return DockerContainer.decode(payload.value);
  } catch {
    return undefined;
  }
}
