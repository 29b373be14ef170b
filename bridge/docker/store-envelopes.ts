import { retry } from '../../client/own-programs.js';
import type { Client, Envelope } from '../../client/index.js';
import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import type { ConnectionReport } from '../contracts.js';

/**
 * Forwards envelopes together and in their order, and repeats until the broker has stored them all.
 * An envelope that the broker refuses as invalid can never be stored: it is reported and skipped.
 *
 * @returns how many of the first envelopes are stored or skipped; fewer than all if the signal
 *   aborted.
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
  const forwardRest = async () => {
    const failure = await forwardAll(broker, envelopes.slice(done), signal, say, () => done++);
    if (failure !== undefined) throw failure;
    notes.connected();
  };
  await retry(forwardRest, {
    signal,
    isRetryable: ({ code }) => code !== 'UNIMPLEMENTED',
    onFailure: (error) => {
      notes.disconnected(error);
    },
  });
  return done;
}

/**
 * Sends each envelope once. Calls `onDone` for each that is stored or skipped, up to the first
 * failure, which it returns. Envelopes after the failure may be stored too; the broker recognizes
 * them when they are sent again.
 */
async function forwardAll(
  broker: Client,
  envelopes: readonly Envelope[],
  signal: AbortSignal,
  say: (text: string) => void,
  onDone: () => void,
): Promise<FoghornError | undefined> {
  // The client itself retries while the broker is away. A timeout for each envelope could end one
  // that a later one then overtakes.
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
