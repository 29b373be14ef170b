import type { DockerEventFields } from '../../protocol/docker-event.js';

/** Length that clients cut ids to; those written in Go panic where an id is shorter. */
const MIN_LENGTH = 12;
/** No id of containerd ends with it, so a padded id is never the id of another container. */
const PADDING = '_';

/** The id of a container as Docker clients see it. */
export function shownId(id: string): string {
  return id === '' ? '' : id.padEnd(MIN_LENGTH, PADDING);
}

/** Likewise, the id in `Actor` of an event; only containers have ids of containerd. */
export function shownActorId({ type, actorId }: DockerEventFields): string {
  return type === 'container' ? shownId(actorId) : actorId;
}

/**
 * The id of the container that is shown with this id, or with one that begins with it; undefined
 * for a reference that does not reach into the padding.
 */
export function idBehind(reference: string): string | undefined {
  if (reference.length > MIN_LENGTH) return undefined;
  const id = reference.replace(/_+$/, '');
  return id === reference || id === '' ? undefined : id;
}
