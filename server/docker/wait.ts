import { FoghornError } from '../../protocol/errors.js';
import { excerpt, quotedExcerpt } from '../../protocol/excerpt.js';
import { MAX_ID_BYTES } from '../events/container-key.js';
import type { ContainerState } from './container-state.js';
import { ContainerWatch } from './container-watch.js';
import type { DockerSource } from './docker-source.js';

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

/**
 * Resolves with the exit code when the condition is met. Throws NOT_FOUND for a container that the
 * history does not know, DATA_LOSS if it is gone and its end was never reported, CANCELLED by the
 * signal, and UNAVAILABLE.
 *
 * @param registered called as soon as no later event can be missed
 */
export function waitForContainer(
  source: DockerSource,
  id: string,
  condition: WaitCondition,
  registered: () => void,
  signal: AbortSignal,
): Promise<number> {
  return ContainerWatch.over(source, id, async (state, watch) => {
    let action = state.isKnown ? undefined : await awaitFirstEvent(state, watch, signal);
    registered();
    if (isMet(condition, state)) return endOf(state);
    while (!isMetBy(condition, action)) {
      const event = await watch.next(signal);
      state.apply(event);
      ({ action } = event.fields);
    }
    return endOf(state);
  });
}

/** Whether a reference is a full id, which needs no look-up. */
export function isFullId(reference: string): boolean {
  return FULL_ID.test(reference);
}

/** Resolves with the first action, which makes the container known. */
async function awaitFirstEvent(
  state: ContainerState,
  watch: ContainerWatch,
  signal: AbortSignal,
): Promise<string> {
  const tooLong = AbortSignal.timeout(isFullId(state.id) ? APPEARANCE_MS : 0);
  const either = AbortSignal.any([signal, tooLong]);
  for (;;) {
    try {
      const event = await watch.next(either);
      state.apply(event);
      if (state.isKnown) return event.fields.action;
    } catch (error) {
      if (!tooLong.aborted) throw error;
      throw noSuchContainer(state.id);
    }
  }
}

export function noSuchContainer(reference: string): FoghornError {
  return new FoghornError('NOT_FOUND', `No such container: ${excerpt(reference, MAX_ID_BYTES)}`);
}

/** A removed container does not exit again. */
function isMet(condition: WaitCondition, { status, isRunning }: ContainerState): boolean {
  if (status === 'removed') return true;
  return condition === 'not-running' && !isRunning;
}

function isMetBy(condition: WaitCondition, action: string | undefined): boolean {
  return action === 'destroy' || (action === 'die' && condition !== 'removed');
}

/** The exit code; 0 for a container that never ran. */
function endOf({ id, exitCode = 0, endUnknown }: ContainerState): number {
  if (!endUnknown) return exitCode;
  throw new FoghornError('DATA_LOSS', `how container ${id} ended was never reported`);
}
