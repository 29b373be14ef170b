import { pino } from 'pino';
import { Access } from '../../server/access/access.js';
import { Listeners } from '../../server/listen/listeners.js';

const LOG = pino({ level: 'silent' });
const NO_LOG = { identified: () => undefined, refused: () => undefined };

/** Listeners without rules and TLS, whose callers have every right. */
export function openListeners(): Listeners {
  const access = new Access(undefined, NO_LOG);
  return new Listeners({ access, tls: undefined, insecure: false }, LOG);
}
