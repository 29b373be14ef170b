import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';

/** What an event says besides the container's labels, image and name. */
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

/** The attributes that an event has from its container, and not from what has happened. */
export function attributesOn({ action, attributes }: DockerEvent): Map<string, string> {
  const [verb = ''] = action.split(':');
  const own = new Map(attributes);
  for (const name of EXTRAS[verb] ?? []) own.delete(name);
  return own;
}

/** The attributes that an engine puts on every event of a container. */
export function attributesOf({ labels, image, name }: DockerContainer): Map<string, string> {
  const attributes = new Map(labels);
  if (image !== '') attributes.set('image', image);
  return attributes.set('name', name);
}
