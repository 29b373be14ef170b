import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../../protocol/errors.js';
import type { RedisClient } from './client.js';
import { isRefusal, redisError } from './redis-error.js';

/** For so long a Redis that starts, too, may keep a broker waiting. */
const PATIENCE_MS = 10_000;

/**
 * Connects for the first time. Throws FAILED_PRECONDITION when Redis refuses us or is not to be trusted, and UNAVAILABLE when
 * it cannot be reached for ten seconds. From then on the client connects again by itself.
 */
export async function connect(client: RedisClient, place: string): Promise<void> {
  let last: Error | undefined;
  const over = new AbortController();
  const refused = new Promise<never>((_, reject) => {
    client.on('error', (error: Error) => {
      last = innermost(error);
      if (isRefusal(last)) reject(refusal(last, place));
    });
  });
  const { signal } = over;
  const tooLate = delay(PATIENCE_MS, undefined, { signal }).then(() => {
    throw redisError(last ?? new Error('no answer'), place);
  });
  const ready = new Promise<void>((resolve) => client.once('ready', resolve));
  try {
    // What it rejects with is told as an error, too.
    client.connect().catch(() => undefined);
    await Promise.race([ready, refused, tooLate]);
  } finally {
    over.abort();
    for (const loser of [refused, tooLate]) loser.catch(() => undefined);
  }
}

function refusal(error: Error, place: string): FoghornError {
  return new FoghornError('FAILED_PRECONDITION', `cannot use ${place}: ${error.message}`, {
    cause: error,
  });
}

/** A cluster tells that no node could be used, and keeps the reason beside that. */
function innermost(error: Error): Error {
  const { lastNodeError } = error as { lastNodeError?: Error };
  return lastNodeError ?? error;
}
