import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
import type { Client, Entry, ReadOptions } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import type { ConnectionReport } from '../contracts.js';

/** Where a bridge reads what the broker has. */
export interface HistoryParts {
  readonly broker: Client;
  readonly brokerConnection: ConnectionReport;
  readonly namespace: string;
}

/**
 * The entries of a read, which waits for the broker as long as it takes, also for the first time. Ends without an error when the
 * signal aborts.
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
      // Once it has begun, the read itself outlives the broker; nothing was read yet.
      if (!(error instanceof FoghornError) || !error.retryable) throw error;
      brokerConnection.disconnected(error);
    }
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}
