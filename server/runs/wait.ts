import { FoghornError } from '../../protocol/errors.js';
import { gapError } from '../../protocol/gaps.js';
import { checkMay, type Caller } from '../access/caller.js';
import { parseCursor } from '../events/cursor.js';
import { parseFilters } from '../filter/index.js';
import type { SubscriptionOptions } from '../broker/read-options.js';
import type { ExitCondition, ExitWait, LocatedCondition, RunSource } from './exit-wait.js';
import type { RunExit } from './runs.js';
import { WaitPass } from './wait-pass.js';

const EVERY_EVENT = parseFilters([]);

/**
 * Waits for the end of a run: folds what the history has about the process, then follows it. Before
 * it answers that nothing runs, recorders bring the history up to date.
 *
 * Throws ABORTED if the end is lost, NOT_FOUND if the container was deleted and its end was never
 * reported, FAILED_PRECONDITION if no recorder can say whether it runs, OUT_OF_RANGE if the
 * position to count from is gone, PERMISSION_DENIED without the right to read, RESOURCE_EXHAUSTED
 * above the caller's quota, INVALID_ARGUMENT for text that is not a cursor, CANCELLED by the
 * signal, and UNAVAILABLE when the broker drains.
 */
export async function waitForExit(
  source: RunSource,
  caller: Caller,
  wait: ExitWait,
  signal: AbortSignal,
): Promise<RunExit> {
  checkMay(caller, 'read', wait.key.namespace);
  const leave = caller.quota?.hold('waits');
  try {
    return await source.waits.during(() => waitInAnyHistory(source, caller, wait, signal));
  } finally {
    leave?.();
  }
}

/** Waits again when the history is replaced. */
async function waitInAnyHistory(
  source: RunSource,
  caller: Caller,
  wait: ExitWait,
  signal: AbortSignal,
): Promise<RunExit> {
  const { broker } = source;
  for (;;) {
    const { replacements } = broker;
    try {
      return await waitInHistory(source, caller, wait, signal);
    } catch (error) {
      if (signal.aborted) throw new FoghornError('CANCELLED', 'the wait was given up');
      if (replacements === broker.replacements || broker.drained.aborted) throw error;
    }
    checkCanCountAgain(wait.condition);
  }
}

/**
 * A wait for the next exit from now on cannot move to another history, in which "now" has no
 * position.
 */
function checkCanCountAgain(condition: ExitCondition): void {
  if (condition.kind !== 'next exit' || condition.after !== '') return;
  throw new FoghornError(
    'OUT_OF_RANGE',
    'the history was replaced during the wait: which exit is the next one is unknown',
  );
}

/** Waits in the current history. Fails when that is replaced. */
async function waitInHistory(
  source: RunSource,
  caller: Caller,
  wait: ExitWait,
  signal: AbortSignal,
): Promise<RunExit> {
  const { broker } = source;
  const located = { ...wait, condition: await locate(source, wait) };
  // Ends the subscription when the answer was found, too.
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    for (;;) {
      const subscription = await broker.open(caller, readOptions(wait), either);
      const exit = await new WaitPass(source, located, subscription, either).run();
      if (exit !== 'overtaken') return exit;
    }
  } finally {
    over.abort();
  }
}

/** Exits outlast the entries around them, so counting may start at a position that was trimmed. */
async function locate(
  { broker, recorders }: RunSource,
  { condition, key: { namespace } }: ExitWait,
): Promise<LocatedCondition> {
  if (condition.kind !== 'next exit') return condition;
  const { after } = condition;
  if (after === '') {
    // An exit from before this call may still be on its way to the history.
    await recorders.bringUpToDate({ namespace });
    return { kind: 'next exit', after: await broker.newest() };
  }
  const gap = await broker.gapAfter(after);
  if (gap !== undefined && gap.reason !== 'trimmed') throw gapError(gap);
  return { kind: 'next exit', after: parseCursor(after).offset };
}

/**
 * Reads all kept entries of the process, then follows. For the container's own process, its
 * lifecycle is enough.
 */
function readOptions({ key, process }: ExitWait): SubscriptionOptions {
  return {
    filter: EVERY_EVENT,
    scope: { key, lifecycleOnly: process === '' },
    start: { kind: 'earliest' },
    until: undefined,
    stopWhenCaughtUp: false,
    limit: Infinity,
    onGap: 'continue',
  };
}
