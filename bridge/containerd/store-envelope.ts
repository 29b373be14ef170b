import { retry } from '../../client/own-programs.js';
import type { Client, Envelope } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import type { ConnectionReport } from '../contracts.js';

/** Milliseconds for one attempt, and so the longest delay of a stop. */
const ATTEMPT_TIMEOUT_MS = 2000;

/**
 * Forwards one envelope, and repeats until the broker has stored it. An envelope that the broker
 * refuses as invalid can never be stored: it is reported and skipped.
 *
 * @returns whether it is stored or skipped; false if the signal aborted before.
 * @throws FoghornError UNIMPLEMENTED when the other side is no broker.
 */
export async function storeEnvelope(
  broker: Client,
  envelope: Envelope,
  notes: ConnectionReport,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<boolean> {
  const forward = async (): Promise<true> => {
    try {
      await broker.forward(envelope, { timeout: ATTEMPT_TIMEOUT_MS });
      notes.connected();
    } catch (error) {
      if (!(error instanceof FoghornError) || error.code === 'UNIMPLEMENTED') throw error;
      if (error.code !== 'INVALID_ARGUMENT') {
        notes.disconnected(error);
        throw error;
      }
      say(`the broker refused an event of ${envelope.topic}: ${error.message}`);
    }
    return true;
  };
  const isRetryable = ({ code }: FoghornError) => code !== 'UNIMPLEMENTED';
  return (await retry(forward, { signal, isRetryable })) ?? false;
}
