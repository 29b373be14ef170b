import type { DockerContainer, DockerEvent } from '../protos/gen/foghorn/v1/docker.js';

/** Attributes of each action that do not come from the container's labels, image and name. */
const EXTRAS: Partial<Record<string, readonly string[]>> = {
  die: ['exitCode', 'execDuration'],
  kill: ['signal'],
  rename: ['oldName'],
  resize: ['height', 'width'],
  commit: ['comment', 'imageID', 'imageRef'],
  exec_create: ['execID'],
  exec_start: ['execID'],
  exec_detach: ['execID'],
  exec_die: ['execID', 'exitCode'],
};

/** Returns the attributes of an event that come from its container, not from its action. */
export function attributesOn({
  action,
  attributes,
}: Pick<DockerEvent, 'action'> & {
  readonly attributes: ReadonlyMap<string, string>;
}): Map<string, string> {
  const [verb = ''] = action.split(':');
  const own = new Map(attributes);
  for (const name of EXTRAS[verb] ?? []) own.delete(name);
  return own;
}

/** Returns the attributes that an engine puts on every event of a container. */
export function attributesOf({ labels, image, name }: DockerContainer): Map<string, string> {
  const attributes = new Map(labels);
  if (image !== '') attributes.set('image', image);
  return attributes.set('name', name);
}
