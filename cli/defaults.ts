import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { UserEnvironment } from './terminal.js';

/** Length of a file name that every file system accepts, in characters. */
const MAX_FILE_NAME_CHARS = 200;

/** Directory of the sockets of a broker that root has started. */
const SYSTEM_DIRECTORY = '/run/foghorn';

/** Directory for sockets: the system's for root, otherwise one that belongs to the user alone. */
export function runtimeDirectory({ uid, env, temp }: UserEnvironment): string {
  if (uid === 0) return SYSTEM_DIRECTORY;
  const own = env.XDG_RUNTIME_DIR;
  return own === undefined ? join(temp, `foghorn-${uid}`) : join(own, 'foghorn');
}

/** Address that a broker listens on. */
export function defaultAddress(surroundings: UserEnvironment): string {
  return `unix://${join(runtimeDirectory(surroundings), SOCKET)}`;
}

const SOCKET = 'foghorn.sock';

/**
 * Address that clients connect to: the system's broker if the user may use its socket, otherwise
 * the user's own. Where only the system has one, its address says why it cannot be used, also while
 * a broker restarts: directories stay.
 */
export function defaultPeer(
  surroundings: UserEnvironment,
  systemDirectory = SYSTEM_DIRECTORY,
): string {
  const own = runtimeDirectory(surroundings);
  const system = join(systemDirectory, SOCKET);
  const isSystems = mayUse(system) || (existsSync(systemDirectory) && !existsSync(own));
  return `unix://${surroundings.uid !== 0 && isSystems ? system : join(own, SOCKET)}`;
}

/** Connecting to a socket takes the right to write to it. */
function mayUse(socket: string): boolean {
  try {
    accessSync(socket, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Address of the Docker API. */
export function defaultDockerAddress(surroundings: UserEnvironment): string {
  return `unix://${join(runtimeDirectory(surroundings), 'docker.sock')}`;
}

/** Store URL of the history. */
export function defaultStore(surroundings: UserEnvironment): string {
  if (surroundings.uid === 0) return 'lmdb:/var/lib/foghorn';
  return `lmdb:${join(stateDirectory(surroundings), 'foghorn')}`;
}

/** Directory that keeps events until the broker at this address can be reached; one per address. */
export function spoolDirectory(address: string, surroundings: UserEnvironment): string {
  const spools =
    surroundings.uid === 0
      ? '/var/spool/foghorn'
      : join(stateDirectory(surroundings), 'foghorn-spool');
  return join(spools, fileName(address));
}

/**
 * Directory of a recorder's spool and state; one for each kind, daemon and broker, because a spool
 * belongs to one broker and a state to one daemon.
 */
export function recorderDirectory(
  {
    kind,
    from,
    address,
  }: { readonly kind: string; readonly from: string; readonly address: string },
  surroundings: UserEnvironment,
): string {
  const state = surroundings.uid === 0 ? '/var/lib' : stateDirectory(surroundings);
  return join(state, 'foghorn-recorders', kind, fileName(`${from} ${address}`));
}

/** Directory that keeps events for containerd until it takes them; one per ttrpc address. */
export function relayDirectory(address: string, surroundings: UserEnvironment): string {
  const relays =
    surroundings.uid === 0
      ? '/var/spool/foghorn-relay'
      : join(stateDirectory(surroundings), 'foghorn-relay');
  return join(relays, fileName(address));
}

function stateDirectory({ env, home }: UserEnvironment): string {
  return env.XDG_STATE_HOME ?? join(home, '.local', 'state');
}

/** Returns a distinct file name for every address, however long. */
function fileName(address: string): string {
  const name = encodeURIComponent(address);
  if (name.length <= MAX_FILE_NAME_CHARS) return name;
  return createHash('sha256').update(address).digest('hex');
}
