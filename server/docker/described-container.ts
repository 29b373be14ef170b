import { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import { ContainerdContainer } from '../../protos/gen/foghorn/v1/recording.js';
import type { EventView } from '../events/event-view.js';
import { CONTAINERD_CONTAINER, DOCKER_CONTAINER } from '../events/filed-types.js';
import { typeName } from '../events/type-name.js';
import { isMadeForEachStart } from '../runs/container-conventions.js';

/** A container that was there before it was recorded, as its daemon described it. */
export type ExistingContainer =
  | { readonly by: 'engine'; readonly container: DockerContainer }
  | { readonly by: 'containerd'; readonly container: ContainerdContainer };

/** The description of an existing container in an entry; undefined for other entries. */
export function describedIn({ payload, namespace }: EventView): ExistingContainer | undefined {
  if (payload === undefined) return undefined;
  const name = typeName(payload.typeUrl);
  if (name !== DOCKER_CONTAINER && name !== CONTAINERD_CONTAINER) return undefined;
  try {
    if (name === DOCKER_CONTAINER) {
      return { by: 'engine', container: DockerContainer.decode(payload.value) };
    }
    const container = ContainerdContainer.decode(payload.value);
    const { id, image, createdAt } = container;
    // Without a time it precedes the event of the creation.
    if (createdAt === undefined || isMadeForEachStart(namespace, id, image)) return undefined;
    return { by: 'containerd', container };
  } catch {
    return undefined;
  }
}
