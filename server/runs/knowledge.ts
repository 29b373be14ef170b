import type { Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import { iterate } from '../broker/message-source.js';
import { LASTING_TOPICS } from '../events/filing.js';
import { parseFilters } from '../filter/index.js';
import type { RunSource } from './exit-wait.js';

/** The extent of what the history knows about containers. */
export interface Knowledge {
  /**
   * Time of the first kept entry, ns since 1970. What was before is known only as far as later
   * entries report it. Undefined while the history is empty.
   */
  readonly knownFrom: bigint | undefined;
  /** A recorder is away, or does not answer: what happened lately may be missing. */
  readonly maybeOutdated: boolean;
}

/**
 * The extent of what is known, for an answer about a moment. For one about now (undefined),
 * attached recorders bring the history up to date first.
 */
export async function knowledgeOf(
  { broker, recorders }: RunSource,
  caller: Caller,
  namespace: string | undefined,
  at: bigint | undefined,
): Promise<Knowledge> {
  const subject = { namespace };
  const currency = at === undefined ? await recorders.bringUpToDate(subject) : 'current';
  return { knownFrom: await firstTime(broker, caller), maybeOutdated: currency === 'unknown' };
}

const EVERY_EVENT = parseFilters([]);

/** Reads with this filter start with the entries that outlived the others. */
const LASTING = parseFilters([...LASTING_TOPICS].map((topic) => `topic=="${topic}"`));

async function firstTime(broker: Broker, caller: Caller): Promise<bigint | undefined> {
  const keptExitCount = await broker.keptExitCount();
  const subscription = await broker.open(caller, {
    filter: keptExitCount === 0 ? EVERY_EVENT : LASTING,
    scope: undefined,
    start: { kind: 'earliest' },
    until: undefined,
    stopWhenCaughtUp: true,
    limit: 1,
    onGap: 'continue',
  });
  for await (const message of iterate(subscription)) {
    if (message.kind !== 'entries') continue;
    const [entry] = message.entries;
    if (entry === undefined) continue;
    return entry.timestamp < entry.storedAt ? entry.timestamp : entry.storedAt;
  }
  return undefined;
}
