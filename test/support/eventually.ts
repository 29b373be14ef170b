import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;

/** Resolves as soon as the condition holds; the test's own timeout says how long that may take. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(POLL_MS);
}
