import type { Client } from '../client/index.js';
import { retry } from '../client/own-programs.js';
import { FoghornError } from '../protocol/errors.js';

/**
 * Checks that a daemon does not serve the history that is recorded into, which would record itself.
 * Resolves when that is certain, or when the signal aborts.
 *
 * @param from address of the daemon, for the error
 * @throws FoghornError FAILED_PRECONDITION when it does.
 */
export async function refuseOwnHistory(
  source: Client,
  broker: Client,
  from: string,
  signal: AbortSignal,
): Promise<void> {
  const epoch = await epochOf(source, signal);
  if (epoch !== undefined) await refuseEpoch(epoch, broker, from, signal);
}

/** Like `refuseOwnHistory`, for a daemon that serves the history of this epoch. */
export async function refuseEpoch(
  epoch: string,
  broker: Client,
  from: string,
  signal: AbortSignal,
): Promise<void> {
  if (epoch !== (await epochOf(broker, signal)) || signal.aborted) return;
  throw new FoghornError(
    'FAILED_PRECONDITION',
    `--from ${from} serves the history that --address records into; name another daemon`,
  );
}

/** Returns undefined for a daemon without a history. */
async function epochOf(client: Client, signal: AbortSignal): Promise<string | undefined> {
  try {
    const description = await retry(() => client.describe({ signal }), {
      signal,
      isRetryable: ({ code }) => code !== 'UNIMPLEMENTED',
    });
    return description?.epoch;
  } catch (error) {
    if (error instanceof FoghornError && error.code === 'UNIMPLEMENTED') return undefined;
    throw error;
  }
}
