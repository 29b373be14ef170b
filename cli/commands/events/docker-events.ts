import type { Client, ReadMessage, ReadOptions } from '../../../client/index.js';

/** Reads the entries that Docker clients see; only these count towards the limit. */
export async function* readDockerEvents(
  client: Client,
  { limit = Infinity, ...options }: ReadOptions,
): AsyncGenerator<ReadMessage, void, void> {
  let left = limit;
  for await (const message of client.read({ ...options, dockerView: true })) {
    if (message.kind !== 'entries') {
      yield message;
      continue;
    }
    const shown = message.entries.filter(({ dockerEvent }) => dockerEvent !== undefined);
    const entries = shown.slice(0, left);
    left -= entries.length;
    if (entries.length > 0) yield { ...message, entries };
    if (left === 0) return;
  }
}
