import type { FoghornError } from '../protocol/errors.js';

const BASE_MS = 100;
const MAX_MS = 2000;

/**
 * Milliseconds to wait before try number `attempt` (0 for the first): exponential with full jitter,
 * so that many clients of one broker do not all return at the same moment.
 *
 * @param random a number from 0 up to but not including 1
 */
export function backoffDelay(attempt: number, random: number): number {
  return Math.floor(random * Math.min(MAX_MS, BASE_MS * 2 ** attempt));
}

/**
 * Milliseconds to wait after a failure: those that the broker asks for and those of `backoffDelay`,
 * because callers that it asked together must not return together.
 */
export function retryDelay({ retryAfterMs = 0 }: FoghornError, attempt: number): number {
  return retryAfterMs + backoffDelay(attempt, Math.random());
}
