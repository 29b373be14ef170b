import { BROKER } from '../../access/caller.js';
import type { Broker } from '../../broker/broker.js';
import type { ContainerKey } from '../../events/filing.js';
import { foldContainer } from '../../runs/container-past.js';
import { typeName } from '../../events/type-name.js';

const EVERYTHING = { after: 0, upTo: Infinity };

/** Whether a container exists, or a task runs, after an event of the container's lifecycle. */
const AFTER: ReadonlyMap<string, Partial<Existence>> = new Map([
  ['containerd.events.ContainerCreate', { created: true }],
  ['containerd.events.ContainerDelete', { created: false, running: false }],
  ['containerd.events.TaskCreate', { running: true }],
  ['containerd.events.TaskStart', { running: true }],
  ['containerd.events.TaskExit', { running: false }],
  ['containerd.events.TaskDelete', { running: false }],
]);

interface Existence {
  created: boolean;
  running: boolean;
}

/** Whether a namespace has containers that were not deleted, or tasks that have not ended. */
export async function hasLivingContainers(broker: Broker, namespace: string): Promise<boolean> {
  for await (const key of broker.containers(BROKER, namespace)) {
    // Keys of other entries begin with a slash, which no container's id has.
    if (!key.container.startsWith('/') && (await isLiving(broker, key))) return true;
  }
  return false;
}

async function isLiving(broker: Broker, key: ContainerKey): Promise<boolean> {
  const { created, running } = await foldContainer(broker, BROKER, key, EVERYTHING, {
    begin: (): Existence => ({ created: false, running: false }),
    take(existence, { payload }) {
      if (payload !== undefined) Object.assign(existence, AFTER.get(typeName(payload.typeUrl)));
      return true;
    },
  });
  return created || running;
}
