import { setTimeout as delay } from 'node:timers/promises';
import { connect, FoghornError } from '../../client/index.js';

/** Milliseconds that a broker may take to notice, and between two looks. */
const PATIENCE = 15_000;
const POLL = 20;

/** Resolves with the epoch of a recreated history, as the first broker reports it. */
export async function newEpoch(
  addresses: readonly string[],
  known: ReadonlySet<string>,
): Promise<string> {
  const clients = addresses.map((address) => connect({ address }));
  const tooLate = AbortSignal.timeout(PATIENCE);
  try {
    while (!tooLate.aborted) {
      for (const client of clients) {
        const epoch = await client.describe({ timeout: 1000 }).then(
          (described) => described.epoch,
          // The broker is away or has not noticed yet.
          (error: unknown) => {
            if (error instanceof FoghornError) return undefined;
            throw error;
          },
        );
        if (epoch !== undefined && !known.has(epoch)) return epoch;
      }
      await delay(POLL);
    }
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
  throw new Error(`no broker noticed within ${PATIENCE} ms that its history is gone`);
}
