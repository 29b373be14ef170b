import { nanosFromTimestamp, unpack, type Client, type Entry } from '../../../client/index.js';

/**
 * Whether an entry is containerd's exit of a container whose engine is recorded, too: the engine's
 * own `die` reports the same end. Exits of execs have no other event with their code.
 */
export async function isRepeatedExit(
  client: Client,
  { topic, namespace, timestamp, cursor, event }: Entry,
): Promise<boolean> {
  if (topic !== '/tasks/exit' || timestamp === undefined) return false;
  const unpacked = unpack(event);
  if (unpacked?.type !== 'containerd.events.TaskExit') return false;
  const { id, containerId } = unpacked.value;
  if (id !== containerId) return false;
  // The delivery has no Docker view, in which an engine's own events hide those of containerd.
  const exits = client.read({
    container: { namespace, id },
    filters: ['topic=="/tasks/exit"'],
    start: { since: nanosFromTimestamp(timestamp) },
    stopWhenCaughtUp: true,
    gapPolicy: 'continue',
    dockerView: true,
  });
  for await (const message of exits) {
    if (message.kind !== 'entries') continue;
    const same = message.entries.find((entry) => entry.cursor === cursor);
    if (same !== undefined) return same.dockerEvent === undefined;
  }
  return false;
}
