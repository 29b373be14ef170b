import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
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
  for (let failures = 0; ; failures++) {
    try {
      await broker.forward(envelope, { timeout: ATTEMPT_TIMEOUT_MS });
      notes.connected();
      return true;
    } catch (error) {
      if (!(error instanceof FoghornError) || error.code === 'UNIMPLEMENTED') throw error;
      if (error.code === 'INVALID_ARGUMENT') {
        say(`the broker refused an event of ${envelope.topic}: ${error.message}`);
        return true;
      }
      notes.disconnected(error);
    }
    if (signal.aborted) return false;
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}
