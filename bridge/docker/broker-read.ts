import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
import type { Client, Entry, ReadOptions } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import type { ConnectionNotes } from '../../cli/connection-notes.js';

/** Where a bridge reads what the broker has. */
export interface History {
  readonly sink: Client;
  readonly sinkNotes: ConnectionNotes;
  readonly namespace: string;
}

/**
 * The entries of a read, which waits for the broker as long as it takes, also for the first time. Ends without an error when the
 * signal aborts.
 *
 * @throws FoghornError when the broker refuses the read.
 */
export async function* entriesOf(
  { sink, sinkNotes }: Pick<History, 'sink' | 'sinkNotes'>,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  const reading = { ...options, gapPolicy: 'continue', signal } as const;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      for await (const message of sink.read(reading)) {
        if (message.kind === 'entries') yield* message.entries;
      }
      return;
    } catch (error) {
      // Once it has begun, the read itself outlives the broker; nothing was read yet.
      if (!(error instanceof FoghornError) || !error.retryable) throw error;
      sinkNotes.disconnected(error);
    }
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}
