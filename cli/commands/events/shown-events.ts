import type { Client, Entry, ReadMessage, ReadOptions } from '../../../client/index.js';

/** Reads the entries that are shown; only these count towards the limit. */
export async function* readShownEvents(
  client: Client,
  { limit = Infinity, ...options }: ReadOptions,
  isShown: (entry: Entry) => boolean,
): AsyncGenerator<ReadMessage, void, void> {
  let left = limit;
  for await (const message of client.read({ ...options, dockerView: true })) {
    if (message.kind !== 'entries') {
      yield message;
      continue;
    }
    const entries = message.entries.filter(isShown).slice(0, left);
    left -= entries.length;
    if (entries.length > 0) yield { ...message, entries };
    if (left === 0) return;
  }
}
