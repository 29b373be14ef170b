import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../protocol/errors.js';
import type { QuestionSubject, Recorders } from '../recorders/recorders.js';

/** Milliseconds for a recorder to come back, or to answer. */
const PATIENCE_MS = 20_000;

/** Milliseconds between two questions. */
const PAUSE_MS = 250;

/**
 * Asks the recorders until the history is up to date, or the caller knows enough. Returns the
 * reason if it cannot be known whether it is, and 'enough' if the caller knew enough before. Throws
 * CANCELLED when the signal aborts.
 *
 * @param knowsEnough called after each question; also recorders that cannot know may store news
 */
export async function askUntilKnown(
  recorders: Recorders,
  subject: QuestionSubject & { readonly namespace: string },
  signal: AbortSignal,
  knowsEnough: () => boolean | Promise<boolean>,
): Promise<FoghornError | 'enough' | undefined> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    if ((await recorders.bringUpToDate(subject)) !== 'unknown') return undefined;
    if (await knowsEnough()) return 'enough';
    if (signal.aborted) throw new FoghornError('CANCELLED', 'the client has gone');
    if (performance.now() >= end) return unknownState(subject);
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}

function unknownState({ namespace, container = '' }: QuestionSubject): FoghornError {
  return new FoghornError(
    'FAILED_PRECONDITION',
    `whether container ${container} of namespace ${namespace ?? ''} runs cannot be known: its recorder does not answer; is \`foghorn bridge\` running?`,
  );
}
