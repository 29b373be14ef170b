import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;

/** Resolves once the condition holds; the test's timeout limits the wait. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(POLL_MS);
}
