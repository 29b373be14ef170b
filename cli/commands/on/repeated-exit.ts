import { unpack, type Client, type Entry } from '../../../client/index.js';

const EXIT = '/tasks/exit';

/** Topics of which a container has an entry if its engine is recorded. */
const ENGINE_TOPICS: ReadonlySet<string> = new Set([
  '/docker/container/create',
  '/docker/container/start',
  '/foghorn/docker-container',
]);

const FILTERS = [EXIT, ...ENGINE_TOPICS].map((topic) => `topic==${JSON.stringify(topic)}`);

/**
 * Whether an entry is containerd's exit of a container whose engine is recorded, too: the engine's
 * own `die` reports the same end. Exits of execs have no other event with their code.
 */
export async function isRepeatedExit(
  client: Client,
  { topic, namespace, cursor, event }: Entry,
): Promise<boolean> {
  if (topic !== EXIT) return false;
  const unpacked = unpack(event);
  if (unpacked?.type !== 'containerd.events.TaskExit') return false;
  const { id, containerId } = unpacked.value;
  if (id !== containerId) return false;
  // The delivery has no Docker view, in which an engine's own events hide those of containerd.
  const entries = client.read({
    container: { namespace, id },
    filters: FILTERS,
    start: 'earliest',
    stopWhenCaughtUp: true,
    gapPolicy: 'continue',
    dockerView: true,
  });
  let isHidden = false;
  let isOfEngine = false;
  for await (const message of entries) {
    if (message.kind !== 'entries') continue;
    for (const entry of message.entries) {
      isOfEngine ||= ENGINE_TOPICS.has(entry.topic);
      isHidden ||= entry.cursor === cursor && entry.dockerEvent === undefined;
    }
  }
  return isHidden && isOfEngine;
}
