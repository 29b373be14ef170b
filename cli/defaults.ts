import { join } from 'node:path';
import type { Surroundings } from './terminal.js';

/** The directory for sockets: the system's as root, otherwise one that belongs to the user alone. */
export function runtimeDirectory({ uid, env, temp }: Surroundings): string {
  if (uid === 0) return '/run/foghorn';
  const own = env.XDG_RUNTIME_DIR;
  return own === undefined ? join(temp, `foghorn-${uid}`) : join(own, 'foghorn');
}

/** ADDR of the broker, both to listen on and to connect to. */
export function defaultAddress(surroundings: Surroundings): string {
  return `unix://${join(runtimeDirectory(surroundings), 'foghorn.sock')}`;
}

/** Store URL of the history. */
export function defaultStore({ uid, env, home }: Surroundings): string {
  if (uid === 0) return 'lmdb:/var/lib/foghorn';
  return `lmdb:${join(env.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'foghorn')}`;
}
