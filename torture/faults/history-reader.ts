import type { Client, ReadOptions } from '../../client/index.js';
import type { HistoryLine } from '../records/lines.js';
import { LASTING_TOPICS } from '../records/fact.js';
import { entryRecord } from '../records/payload.js';

const LASTING = [...LASTING_TOPICS].map((topic) => `topic==${JSON.stringify(topic)}`);

/**
 * Reads a whole history: first the lasting entries whose neighbours were trimmed, then all others.
 */
export async function* readHistory(client: Client): AsyncGenerator<HistoryLine> {
  yield* linesOf(client, { filters: LASTING }, true);
  yield* linesOf(client, {}, false);
}

async function* linesOf(
  client: Client,
  options: ReadOptions,
  keptExits: boolean,
): AsyncGenerator<HistoryLine> {
  const whole: ReadOptions = { ...options, start: 'earliest', stopWhenCaughtUp: true };
  for await (const message of client.read(whole)) {
    if (message.kind !== 'entries' || message.keptExits !== keptExits) continue;
    for (const entry of message.entries) {
      yield { kind: 'entry', entry: entryRecord(entry), keptExit: keptExits };
    }
  }
}
