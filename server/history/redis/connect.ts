import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../../protocol/errors.js';
import type { RedisClient } from './client.js';
import { isRefusal, redisError } from './redis-error.js';

/** Limit for the first connection, because Redis may start together with the broker. */
const CONNECT_LIMIT_MS = 10_000;

/**
 * Connects for the first time; later the client reconnects by itself. Throws FAILED_PRECONDITION
 * when Redis refuses the connection or its certificate is not trusted, and UNAVAILABLE when it
 * cannot be reached for ten seconds.
 *
 * @param warn called once with a sentence for the operator if Redis is away at first
 */
export async function connect(
  client: RedisClient,
  location: string,
  warn: (text: string) => void = () => undefined,
): Promise<void> {
  let last: Error | undefined;
  const over = new AbortController();
  const refused = new Promise<never>((_, reject) => {
    client.on('error', (error: Error) => {
      const isFirst = last === undefined;
      last = innermost(error);
      if (isRefusal(last)) reject(refusal(last, location));
      else if (isFirst && !over.signal.aborted) warn(waiting(last, location));
    });
  });
  const { signal } = over;
  const tooLate = delay(CONNECT_LIMIT_MS, undefined, { signal }).then(() => {
    throw redisError(last ?? new Error('no answer'), location);
  });
  const ready = new Promise<void>((resolve) => client.once('ready', resolve));
  try {
    // A rejection is reported as an 'error' event, too.
    client.connect().catch(() => undefined);
    await Promise.race([ready, refused, tooLate]);
  } finally {
    over.abort();
    for (const loser of [refused, tooLate]) loser.catch(() => undefined);
  }
}

function waiting(error: Error, location: string): string {
  const { message } = redisError(error, location);
  return `${message}; waiting for it for up to ${CONNECT_LIMIT_MS / 1000} s`;
}

function refusal(error: Error, location: string): FoghornError {
  return new FoghornError('FAILED_PRECONDITION', `cannot use ${location}: ${error.message}`, {
    cause: error,
  });
}

/** A cluster error says that no node could be used, and keeps the reason apart. */
function innermost(error: Error): Error {
  const { lastNodeError } = error as { lastNodeError?: Error };
  return lastNodeError ?? error;
}
