import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Resolves with the last report once its total is this number or more, or once no more arrive.
 *
 * @param idleLimitMs time without an arrival after which no more are expected
 */
export async function whenArrived<Report extends { readonly total: number }>(
  report: () => Promise<Report>,
  expected: number,
  idleLimitMs: number,
): Promise<Report> {
  let last = await report();
  for (let idle = 0; last.total < expected && idle < idleLimitMs;) {
    await delay(POLL_MS);
    const next = await report();
    idle = next.total === last.total ? idle + POLL_MS : 0;
    last = next;
  }
  return last;
}
