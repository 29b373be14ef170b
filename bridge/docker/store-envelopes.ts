import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
import type { Client, Envelope } from '../../client/index.js';
import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import type { ConnectionReport } from '../contracts.js';

/**
 * Forwards envelopes, all at once and in their order, as often as it takes until the broker has answered that they are stored.
 * One that the broker refuses for what it is can never be stored; that is said, and it counts as done.
 *
 * @returns how many, from the first on, are done with; fewer than all when the signal was aborted before that.
 * @throws FoghornError UNIMPLEMENTED when the other side is no broker.
 */
export async function storeEnvelopes(
  broker: Client,
  envelopes: readonly Envelope[],
  notes: ConnectionReport,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<number> {
  let done = 0;
  const isGivenUp = () => signal.aborted;
  for (let failures = 0; done < envelopes.length && !isGivenUp(); failures++) {
    const failure = await forwardAll(broker, envelopes.slice(done), signal, say, () => done++);
    if (failure === undefined) notes.connected();
    else if (!isGivenUp()) {
      if (failure.code === 'UNIMPLEMENTED') throw failure;
      notes.disconnected(failure);
      await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
    }
  }
  return done;
}

/**
 * Tries each once, and tells `onDone` of those, from the first on, that are done with. What comes after the one whose failure this
 * returns may be stored, too; when it is sent again the broker recognizes it.
 */
async function forwardAll(
  broker: Client,
  envelopes: readonly Envelope[],
  signal: AbortSignal,
  say: (text: string) => void,
  onDone: () => void,
): Promise<FoghornError | undefined> {
  // The client itself tries again while the broker is away. A limit for each could end one that another would overtake.
  const limits = { signal, timeout: LONGEST_TIMER_MS };
  const answers = await Promise.allSettled(
    envelopes.map((envelope) => broker.forward(envelope, limits)),
  );
  for (const [index, answer] of answers.entries()) {
    if (answer.status === 'rejected') {
      const error: unknown = answer.reason;
      if (!(error instanceof FoghornError)) throw error;
      if (error.code !== 'INVALID_ARGUMENT') return error;
      say(`the broker refused an event of ${envelopes[index]?.topic ?? ''}: ${error.message}`);
    }
    onDone();
  }
  return undefined;
}
