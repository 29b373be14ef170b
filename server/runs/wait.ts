import { FoghornError } from '../../protocol/errors.js';
import type { Broker, EntrySubscription } from '../broker/broker.js';
import { gapError } from '../../protocol/gaps.js';
import { parseCursor } from '../events/cursor.js';
import { runEvent } from './run-event.js';
import { parseFilters } from '../filter/index.js';
import type { ContainerKey } from '../events/filing.js';
import type { SubscriptionOptions } from '../broker/read-options.js';
import type { Gap } from '../broker/subscription-message.js';
import { Runs, type RunExit, type Run } from './runs.js';

/** An exit to wait for. */
export interface ExitWait<Condition = ExitCondition> {
  readonly key: ContainerKey;
  /** '' for the container's own process, otherwise an exec's id. */
  readonly process: string;
  readonly condition: Condition;
}

export type ExitCondition =
  | LocalCondition
  /** A run ends with an entry after this cursor, or from now on if it is empty. */
  | { readonly kind: 'next exit'; readonly after: string };

type LocalCondition =
  /** The newest run has ended. */
  | { readonly kind: 'not running' }
  /** The first run with this pid has ended. */
  | { readonly kind: 'pid'; readonly pid: number };

/** A condition whose cursor was found in the history. */
type LocatedCondition = LocalCondition | { readonly kind: 'next exit'; readonly after: number };

const EVERY_EVENT = parseFilters([]);

/**
 * Waits for the end of a run: folds what the history has about the process, then follows it.
 *
 * Throws NOT_FOUND if the container was deleted and its end was never reported, OUT_OF_RANGE if the
 * position to count from is gone, INVALID_ARGUMENT for text that is not a cursor, CANCELLED by the
 * signal, and UNAVAILABLE when the broker drains.
 */
export async function waitForExit(
  broker: Broker,
  wait: ExitWait,
  signal: AbortSignal,
): Promise<RunExit> {
  for (;;) {
    const { replacements } = broker;
    try {
      return await waitInHistory(broker, wait, signal);
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
  broker: Broker,
  wait: ExitWait,
  signal: AbortSignal,
): Promise<RunExit> {
  const located = { ...wait, condition: await locate(broker, wait.condition) };
  // Ends the subscription when the answer was found, too.
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    for (;;) {
      const exit = await waitOnce(located, await broker.open(readOptions(wait), either));
      if (exit !== 'overtaken') return exit;
    }
  } finally {
    over.abort();
  }
}

/** Exits outlast the entries around them, so counting may start at a position that was trimmed. */
async function locate(broker: Broker, condition: ExitCondition): Promise<LocatedCondition> {
  if (condition.kind !== 'next exit') return condition;
  const { after } = condition;
  if (after === '') return { kind: 'next exit', after: await broker.newest() };
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

/** 'overtaken': retention has removed entries before they were read, so the wait starts over. */
async function waitOnce(
  { key, process, condition }: ExitWait<LocatedCondition>,
  subscription: EntrySubscription,
): Promise<RunExit | 'overtaken'> {
  const runs = new Runs(process);
  let isPresent = false;
  /** Damage since the last event that was read about the process. */
  let damage: Gap | undefined;
  for await (const message of subscription) {
    if (message.kind === 'gap') {
      if (message.reason !== 'damaged') return 'overtaken';
      damage = message;
      if (condition.kind === 'next exit') checkBefore(damage, condition.after, key);
    }
    if (message.kind === 'end') break;
    if (message.kind === 'caught up') isPresent = true;
    for (const event of message.kind === 'entries' ? message.entries : []) {
      const step = event.payload && runEvent(event.payload);
      if (step !== undefined && step.kind !== 'container deleted') damage = undefined;
      const ended = step && runs.add(step, event);
      const exit = exitThatCounts(condition, runs, ended, event.offset, isPresent);
      if (exit !== undefined) return exit;
    }
    if (!isPresent) continue;
    if (damage !== undefined && condition.kind !== 'next exit') throw damagedEnd(key);
    const run = runInQuestion(condition, runs);
    if (run?.exit !== undefined && condition.kind !== 'next exit') return run.exit;
    if (run?.exit === undefined && run?.deleted) throw neverReported(key);
  }
  throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
}

/** Throws DATA_LOSS when an exit after an offset may be among the damaged entries. */
function checkBefore({ to }: Gap, after: number, key: ContainerKey): void {
  if (parseCursor(to).offset > after) throw damagedEnd(key);
}

function damagedEnd({ namespace, container }: ContainerKey): FoghornError {
  return new FoghornError(
    'DATA_LOSS',
    `how container ${container} of namespace ${namespace} ended cannot be known: entries about it may be among those that are damaged in the store`,
  );
}

/** Until the subscription has caught up, a run that has ended may not be the newest. */
function exitThatCounts(
  condition: LocatedCondition,
  runs: Runs,
  ended: RunExit | undefined,
  offset: number,
  isPresent: boolean,
): RunExit | undefined {
  switch (condition.kind) {
    case 'not running':
      return isPresent ? runs.newest?.exit : undefined;
    case 'next exit':
      return offset > condition.after ? ended : undefined;
    case 'pid':
      return runs.withPid(condition.pid)?.exit;
  }
}

function runInQuestion(condition: LocatedCondition, runs: Runs): Run | undefined {
  return condition.kind === 'pid' ? runs.withPid(condition.pid) : runs.newest;
}

function neverReported({ namespace, container }: ContainerKey): FoghornError {
  return new FoghornError(
    'NOT_FOUND',
    `container ${container} of namespace ${namespace} was deleted, and how it ended was never reported`,
  );
}
