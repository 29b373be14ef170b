import { retryStream } from '../client/own-programs.js';
import type { Client, Entry, ReadMessage, ReadOptions } from '../client/index.js';
import type { ConnectionReport } from './contracts.js';

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
  // A read that has begun outlives the broker by itself, so a failed one has yielded nothing yet.
  yield* retryStream(() => entriesOf(broker.read(reading)), {
    signal,
    onFailure: (error) => {
      brokerConnection.disconnected(error);
    },
  });
}

async function* entriesOf(messages: AsyncIterable<ReadMessage>): AsyncGenerator<Entry> {
  for await (const message of messages) {
    if (message.kind === 'entries') yield* message.entries;
  }
}
