import { randomBytes } from 'node:crypto';
import type { Clock } from '../../protos/clock.js';

/**
 * Names publications, so that one that is sent again is known to be the same: 33 bytes, of which the first 16 are the time
 * in hex, so that ids sort. `clock` must never tell the same time twice.
 */
export function publishIds(clock: Clock): () => string {
  const client = randomBytes(8).toString('hex');
  return () => `${clock().toString(16).padStart(16, '0')}-${client}`;
}
