import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
import type { Client, Entry, ReadOptions } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import type { ConnectionReport } from '../contracts.js';

/** The broker, and the namespace in it, that a recorder reads from. */
export interface HistoryParts {
  readonly broker: Client;
  readonly brokerConnection: ConnectionReport;
  readonly namespace: string;
}

/**
 * Yields the entries of a read. Waits for the broker as long as it takes, also the first time. Ends
 * without an error when the signal aborts.
 *
 * @throws FoghornError when the broker refuses the read.
 */
export async function* readEntries(
  { broker, brokerConnection }: Pick<HistoryParts, 'broker' | 'brokerConnection'>,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  const reading = { ...options, gapPolicy: 'continue', signal } as const;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      for await (const message of broker.read(reading)) {
        if (message.kind === 'entries') yield* message.entries;
      }
      return;
    } catch (error) {
      // A read that has begun outlives the broker by itself, so this one has read nothing yet.
      if (!(error instanceof FoghornError) || !error.retryable) throw error;
      brokerConnection.disconnected(error);
    }
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}
