import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Surroundings } from './terminal.js';

/** Characters that a file system surely takes. */
const LONGEST_FILE_NAME = 200;

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

/** ADDR of the Docker API. */
export function defaultDockerAddress(surroundings: Surroundings): string {
  return `unix://${join(runtimeDirectory(surroundings), 'docker.sock')}`;
}

/** Store URL of the history. */
export function defaultStore(surroundings: Surroundings): string {
  if (surroundings.uid === 0) return 'lmdb:/var/lib/foghorn';
  return `lmdb:${join(stateDirectory(surroundings), 'foghorn')}`;
}

/** Where events for the broker at this ADDR are kept until it can be reached; another ADDR has another place. */
export function spoolDirectory(address: string, surroundings: Surroundings): string {
  const spools =
    surroundings.uid === 0
      ? '/var/spool/foghorn'
      : join(stateDirectory(surroundings), 'foghorn-spool');
  return join(spools, fileName(address));
}

function stateDirectory({ env, home }: Surroundings): string {
  return env.XDG_STATE_HOME ?? join(home, '.local', 'state');
}

/** A name of its own for every ADDR, however long. */
function fileName(address: string): string {
  const name = encodeURIComponent(address);
  if (name.length <= LONGEST_FILE_NAME) return name;
  return createHash('sha256').update(address).digest('hex');
}
