import {
  nanosFromTimestamp,
  unpack,
  type Any,
  type Client,
  type Entry,
} from '../../../client/index.js';

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
 * Whether an entry is an exit that containerd reported, or an end that a recorder found out, of a
 * container whose engine reports the same end as `die`. Exits of execs have no other event with
 * their code.
 */
export async function isRepeatedEnd(client: Client, entry: Entry): Promise<boolean> {
  const id = endedContainer(entry.event);
  if (id === undefined) return false;
  const container = { namespace: entry.namespace, id };
  return (await isOfEngine(client, container)) && isHidden(client, container, entry);
}

/** The container of which a run ended, by an event that is not its engine's. */
function endedContainer(event: Any | undefined): string | undefined {
  const unpacked = unpack(event);
  switch (unpacked?.type) {
    case 'containerd.events.TaskExit': {
      const { id, containerId } = unpacked.value;
      return id === containerId ? id : undefined;
    }
    case 'foghorn.v1.ObservedRun': {
      const { containerId, observation } = unpacked.value;
      const isEnd = observation?.$case === 'ended' || observation?.$case === 'lost';
      return isEnd ? containerId : undefined;
    }
    default:
      return undefined;
  }
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
  { cursor, timestamp, topic }: Entry,
): Promise<boolean> {
  const since = timestamp === undefined ? 0n : nanosFromTimestamp(timestamp);
  const entries = client.read({
    ...TO_NOW,
    container,
    filters: [filterOf(topic)],
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
