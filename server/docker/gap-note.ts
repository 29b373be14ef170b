import type { Gap } from '../broker/subscription-message.js';

/** The log line for a gap, which Docker's API cannot express. */
export function gapNote({ reason, lostAtMost }: Gap): string {
  const lost = lostAtMost > 0 ? `at most ${lostAtMost} events` : 'events';
  return `docker: a client has missed ${lost}: ${REASONS[reason]}`;
}

const REASONS: Record<Gap['reason'], string> = {
  trimmed: 'retention has removed them before they were read',
  'rolled back': 'the history has lost its newest events',
  damaged: 'they are damaged in the store',
  'store recreated': 'the history was recreated',
};
