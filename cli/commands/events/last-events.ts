import type { Entry, ReadMessage, ReadOptions } from '../../../client/index.js';

const SECOND = 1_000_000_000n;

/** Spans before now, in ns, in which the last events are looked for, one after the other. */
const SPANS = [600n, 7_200n, 86_400n, 604_800n].map((seconds) => seconds * SECOND);

/**
 * Yields the last events of those that the options select, then follows if they say so. Looks back
 * over longer and longer spans, because a history cannot be read backwards.
 *
 * @param read yields those entries alone that are shown
 */
export async function* readLastEvents(
  read: (options: ReadOptions) => AsyncIterable<ReadMessage>,
  options: ReadOptions,
  count: number,
  now: bigint,
): AsyncGenerator<ReadMessage, void, void> {
  const { stopWhenCaughtUp } = options;
  for (const span of [...SPANS, undefined]) {
    const start = span === undefined ? 'earliest' : { since: now - span };
    let last: Entry[] = [];
    let cursor = '';
    const past = read({ ...options, start, stopWhenCaughtUp: true });
    for await (const message of past) {
      cursor = message.cursor;
      if (message.kind !== 'entries') continue;
      last = [...last, ...message.entries].slice(-count);
    }
    if (last.length < count && span !== undefined) continue;
    if (last.length > 0) yield { kind: 'entries', entries: last, cursor, keptExits: false };
    if (stopWhenCaughtUp !== true && cursor !== '') {
      yield* read({ ...options, start: { after: cursor } });
    }
    return;
  }
}
