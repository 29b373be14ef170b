import { FoghornError } from '../../protocol/errors.js';
import type { EventView } from '../events/event-view.js';
import { runEvent } from '../events/run-event.js';
import { parseFilters } from '../filter/index.js';
import type { ContainerKey } from '../history/store.js';
import type { ReadOptions } from './read-options.js';
import { Runs, type Exit, type Run } from './runs.js';
import type { Subscription } from './subscription.js';

/** Whose end is waited for, and which one. */
export interface WaitOptions {
  readonly key: ContainerKey;
  /** '' for the container's own process, otherwise an exec's id. */
  readonly process: string;
  readonly condition: WaitCondition;
}

export type WaitCondition =
  /** The newest run has ended. */
  | { readonly kind: 'not running' }
  /** A run ends with an entry after this offset. */
  | { readonly kind: 'next exit'; readonly after: number }
  /** The first run with this pid has ended. */
  | { readonly kind: 'pid'; readonly pid: number };

const EVERY_EVENT = parseFilters([]);

/** Opens a subscription that ends with the wait. */
export type Open = (options: ReadOptions) => Promise<Subscription>;

/**
 * Waits for the end of a run: reads what history has about the process from its beginning, then follows. Throws NOT_FOUND when
 * the container was deleted and the end never reported, and UNAVAILABLE when the broker drains.
 */
export async function waitForExit(options: WaitOptions, open: Open): Promise<Exit> {
  for (;;) {
    const exit = await waitOnce(options, await open(readOptions(options)));
    if (exit !== 'overtaken') return exit;
  }
}

/** Everything about the process that is kept, then what comes; the container's lifecycle alone, where that is all that is needed. */
function readOptions({ key, process }: WaitOptions): ReadOptions {
  return {
    filter: EVERY_EVENT,
    scope: { key, lifecycleOnly: process === '' },
    start: { kind: 'earliest' },
    until: undefined,
    stopWhenCaughtUp: false,
    limit: Infinity,
    onGap: 'fail',
  };
}

/** 'overtaken': retention removed what it was about to read, so that it has to begin anew with what is kept now. */
async function waitOnce(
  { key, process, condition }: WaitOptions,
  subscription: Subscription,
): Promise<Exit | 'overtaken'> {
  const runs = new Runs(process);
  let isPresent = false;
  for await (const message of subscription) {
    if (message.kind === 'gap') return 'overtaken';
    if (message.kind === 'end') break;
    if (message.kind === 'caught up') isPresent = true;
    for (const event of message.kind === 'entries' ? message.entries : []) {
      const ended = addEvent(runs, event);
      const exit = exitThatCounts(condition, runs, ended, event.offset, isPresent);
      if (exit !== undefined) return exit;
    }
    if (!isPresent) continue;
    const run = runInQuestion(condition, runs);
    if (run?.exit !== undefined && condition.kind !== 'next exit') return run.exit;
    if (run?.exit === undefined && run?.deleted) throw neverReported(key);
  }
  throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
}

function addEvent(runs: Runs, { payload, cursor, timestamp }: EventView): Exit | undefined {
  const event = payload && runEvent(payload);
  return event && runs.add(event, { cursor, timestamp });
}

/** While the past is read, a run that has ended may not be the newest. */
function exitThatCounts(
  condition: WaitCondition,
  runs: Runs,
  ended: Exit | undefined,
  offset: number,
  isPresent: boolean,
): Exit | undefined {
  switch (condition.kind) {
    case 'not running':
      return isPresent ? runs.newest?.exit : undefined;
    case 'next exit':
      return offset > condition.after ? ended : undefined;
    case 'pid':
      return runs.withPid(condition.pid)?.exit;
  }
}

function runInQuestion(condition: WaitCondition, runs: Runs): Run | undefined {
  return condition.kind === 'pid' ? runs.withPid(condition.pid) : runs.newest;
}

function neverReported({ namespace, container }: ContainerKey): FoghornError {
  return new FoghornError(
    'NOT_FOUND',
    `container ${container} of namespace ${namespace} was deleted, and how it ended was never reported`,
  );
}
