import { FoghornError } from '../../protocol/errors.js';
import { excerpt, quotedExcerpt } from '../../protocol/excerpt.js';
import type { Caller } from '../access/caller.js';
import { MAX_ID_BYTES } from '../../protocol/identifier.js';
import type { ContainerState } from './container-state.js';
import { ContainerWatch } from './container-watch.js';
import type { DockerNews } from './docker-news.js';
import type { DockerSource } from './docker-source.js';
import { askUntilKnown } from '../runs/ask-until-known.js';
import { PastBoundary } from './past-boundary.js';
import { RunChange } from './run-change.js';
import { ShownEvent } from './shown-event.js';

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/**
 * How long a wait for an unknown container waits for it to appear, in milliseconds. A client that
 * has just created a container may ask before that is recorded. Only for full ids: clients know a
 * new container by its id.
 */
const APPEARANCE_MS = 1000;
const FULL_ID = /^[0-9a-f]{64}$/;

const CONDITIONS: readonly string[] = ['not-running', 'next-exit', 'removed'];

/** Throws INVALID_ARGUMENT for a condition that Docker does not know; empty is the default. */
export function parseWaitCondition(text: string): WaitCondition {
  if (text === '') return 'not-running';
  if (CONDITIONS.includes(text)) return text as WaitCondition;
  throw new FoghornError('INVALID_ARGUMENT', `invalid condition: ${quotedExcerpt(text)}`);
}

/** A request to wait. */
export interface ContainerWait {
  /** The full id of the container. */
  readonly id: string;
  readonly condition: WaitCondition;
  /** Called as soon as no later event can be missed. */
  readonly registered: () => void;
  /** Ends the wait with CANCELLED. */
  readonly signal: AbortSignal;
}

/**
 * Resolves with the exit code when the condition is met. Before it answers that a container does
 * not run, recorders bring the history up to date.
 *
 * Throws NOT_FOUND for a container that the history does not know, DATA_LOSS if its end was never
 * reported, ABORTED if its end is lost, FAILED_PRECONDITION if no recorder can say whether it runs,
 * PERMISSION_DENIED, CANCELLED by the signal, and UNAVAILABLE.
 */
export function waitForContainer(
  source: DockerSource,
  caller: Caller,
  wait: ContainerWait,
): Promise<number> {
  const { id, condition, registered, signal } = wait;
  const untilMet = async (watch: ContainerWatch): Promise<number> => {
    const first = watch.state.isKnown ? undefined : await awaitFirstNews(source, watch, wait);
    // A failure before the headers has a status of its own.
    const answer = (): number => {
      const code = endOf(watch.state);
      registered();
      return code;
    };
    if (isRemoved(watch)) {
      checkRan(watch.state);
      return answer();
    }
    if (condition === 'not-running') {
      await checkRunning(source, watch, wait);
      // It may have run and been removed while its engine was away.
      if (isRemoved(watch)) checkRan(watch.state);
      if (!watch.state.isRunning) return answer();
    }
    registered();
    if (first !== undefined && isMetBy(condition, first)) return endOf(watch.state);
    const time = source.clock();
    const past = condition === 'next-exit' ? new PastBoundary(source) : undefined;
    let hasStarted = false;
    const isPast = (news: DockerNews): boolean => {
      if (past === undefined || timeOf(news) >= time) return false;
      return news.offset <= past.offset || (isFilledIn(news) && !hasStarted);
    };
    for (;;) {
      const news = await watch.next(signal);
      hasStarted ||= news instanceof ShownEvent && news.fields.action === 'start';
      // Nothing follows a removal, also if it was before the request.
      const isNew = isRemoved(watch) || !isPast(news);
      if (isNew && isMetBy(condition, news)) return endOf(watch.state);
    }
  };
  return source.waits.during(() => ContainerWatch.over(source, caller, id, untilMet));
}

/** Resolves when the state says whether the container runs now. */
async function checkRunning(
  { recorders, namespace }: DockerSource,
  watch: ContainerWatch,
  { id, signal }: ContainerWait,
): Promise<void> {
  if (isRunning(watch)) return;
  const subject = { namespace, container: id };
  const failure = await askUntilKnown(recorders, subject, signal, async () => {
    await watch.catchUp();
    return isRunning(watch);
  });
  if (failure === 'enough') return;
  await watch.catchUp();
  if (failure !== undefined && !isRunning(watch)) throw failure;
}

/** By the newest state: it changes while others are awaited. */
function isRunning({ state }: ContainerWatch): boolean {
  return state.isRunning;
}

function isRemoved({ state }: ContainerWatch): boolean {
  return state.status === 'removed';
}

function timeOf(news: DockerNews): bigint {
  if (news instanceof ShownEvent) return news.fields.timeNano;
  return news instanceof RunChange && 'time' in news.change ? news.change.time : FOREVER;
}
const FOREVER = 2n ** 63n;

/** Whether a recorder has found out an end that its engine missed, seconds after it or later. */
function isFilledIn(news: DockerNews): boolean {
  return news instanceof ShownEvent && news.options.filledIn === true;
}

/** Whether a reference is a full id, which needs no look-up. */
export function isFullId(reference: string): boolean {
  return FULL_ID.test(reference);
}

/**
 * Resolves when the container is known, with the news that made it known. Throws NOT_FOUND if it
 * does not exist as far as recorders know, or none is there and it does not appear.
 */
async function awaitFirstNews(
  { recorders, namespace }: DockerSource,
  watch: ContainerWatch,
  { id, signal }: ContainerWait,
): Promise<DockerNews | undefined> {
  const currency = await recorders.bringUpToDate({ namespace, container: id });
  if (currency === 'current') {
    await watch.catchUp();
    if (watch.state.isKnown) return undefined;
    throw noSuchContainer(id);
  }
  const tooLong = AbortSignal.timeout(isFullId(id) ? APPEARANCE_MS : 0);
  const either = AbortSignal.any([signal, tooLong]);
  for (;;) {
    try {
      const news = await watch.next(either);
      if (watch.state.isKnown) return news;
    } catch (error) {
      if (!tooLong.aborted || signal.aborted) throw error;
      throw noSuchContainer(id);
    }
  }
}

/** @param gone says of a removed container how it ended */
export function noSuchContainer(reference: string, gone?: string): FoghornError {
  const text = `No such container: ${excerpt(reference, MAX_ID_BYTES)}`;
  return new FoghornError('NOT_FOUND', gone === undefined ? text : `${text} (${gone})`);
}

/** A failed start ends a wait for the next exit, because no exit follows it. */
function isMetBy(condition: WaitCondition, news: DockerNews): boolean {
  if (news instanceof RunChange) {
    return condition !== 'removed' && news.change.kind !== 'running';
  }
  if (!(news instanceof ShownEvent) || news.options.isOfEarlierRun) return false;
  const { action } = news.fields;
  if (action === 'remove') return true;
  return action === 'destroy' || (action === 'die' && condition !== 'removed');
}

/**
 * Throws DATA_LOSS for a removed container without a run: its start may have failed, which an
 * engine does not report.
 */
function checkRan({ id, startedAt, exitCode, endUnknown }: ContainerState): void {
  if (!endUnknown && startedAt === undefined && exitCode === undefined) throw neverReported(id);
}

function neverReported(id: string): FoghornError {
  return new FoghornError('DATA_LOSS', `how container ${id} ended was never reported`);
}

/** The exit code; 0 for a container that never ran. */
function endOf({ id, exitCode = 0, endUnknown, lost, startFailure }: ContainerState): number {
  if (lost !== '') throw new FoghornError('ABORTED', `how container ${id} ended is lost: ${lost}`);
  if (!endUnknown) return exitCode;
  if (startFailure === undefined) throw neverReported(id);
  throw new FoghornError('DATA_LOSS', `container ${id}: ${startFailure}`);
}
