import { pino } from 'pino';
import { Access } from '../../server/access/access.js';
import { Audit } from '../../server/access/audit.js';
import { Listeners } from '../../server/listen/listeners.js';

const LOG = pino({ level: 'silent' });

/** Listeners without rules and TLS, whose callers have every right. */
export function openListeners(): Listeners {
  const access = new Access(undefined, new Audit(() => undefined));
  return new Listeners({ access, tls: undefined, insecure: false }, LOG);
}
