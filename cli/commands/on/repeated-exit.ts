import { nanosFromTimestamp, unpack, type Client, type Entry } from '../../../client/index.js';

const EXIT = '/tasks/exit';

/** Topics of which a container has an entry if its engine is recorded. */
const ENGINE_TOPICS = [
  '/docker/container/create',
  '/docker/container/start',
  '/foghorn/docker-container',
];

/** For a container whose runs are many: reads no more than the answer needs. */
const TO_NOW = { stopWhenCaughtUp: true, gapPolicy: 'continue', dockerView: true } as const;

interface ContainerName {
  readonly namespace: string;
  readonly id: string;
}

/**
 * Whether an entry is containerd's exit of a container whose engine is recorded, too: the engine's
 * own `die` reports the same end. Exits of execs have no other event with their code.
 */
export async function isRepeatedExit(client: Client, entry: Entry): Promise<boolean> {
  if (entry.topic !== EXIT) return false;
  const unpacked = unpack(entry.event);
  if (unpacked?.type !== 'containerd.events.TaskExit') return false;
  const { id, containerId } = unpacked.value;
  if (id !== containerId) return false;
  const container = { namespace: entry.namespace, id };
  return (await isOfEngine(client, container)) && isHidden(client, container, entry);
}

async function isOfEngine(client: Client, container: ContainerName): Promise<boolean> {
  const filters = ENGINE_TOPICS.map(filterOf);
  const entries = client.read({ ...TO_NOW, container, filters, start: 'earliest', limit: 1 });
  for await (const message of entries) if (message.kind === 'entries') return true;
  return false;
}

/** The delivery has no Docker view, in which an engine's own events hide those of containerd. */
async function isHidden(
  client: Client,
  container: ContainerName,
  { cursor, timestamp }: Entry,
): Promise<boolean> {
  const since = timestamp === undefined ? 0n : nanosFromTimestamp(timestamp);
  const entries = client.read({
    ...TO_NOW,
    container,
    filters: [filterOf(EXIT)],
    start: { since },
  });
  for await (const message of entries) {
    if (message.kind !== 'entries') continue;
    const shown = message.entries.find((each) => each.cursor === cursor);
    if (shown !== undefined) return shown.dockerEvent === undefined;
  }
  return false;
}

function filterOf(topic: string): string {
  return `topic==${JSON.stringify(topic)}`;
}
