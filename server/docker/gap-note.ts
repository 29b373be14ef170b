import { LOSS_CAUSES } from '../../protocol/gaps.js';
import type { Gap } from '../broker/subscription-message.js';

/** The log line for a gap, which Docker's API cannot express. */
export function gapNote({ reason, lostAtMost }: Gap): string {
  const lost = lostAtMost > 0 ? `at most ${lostAtMost} events` : 'events';
  return `docker: a client has missed ${lost}: ${LOSS_CAUSES[reason]}`;
}
