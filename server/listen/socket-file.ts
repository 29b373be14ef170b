import { once } from 'node:events';
import { chmod, chown, lstat, readFile, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { makeDirectories } from '../../protocol/make-directories.js';
import { cannotListenOn, listenRefusal, type SocketAddress } from './listen-address.js';

/** Owner and group may connect, as with containerd's and Docker's sockets. */
const SOCKET_MODE = 0o660;
/** Linux's limit of a socket's path. Node silently cuts a longer one. */
const MAX_PATH_BYTES = 107;

/**
 * Makes a socket at its path, by `bind`, and resolves with its address as clients use it. Replaces
 * a socket that a dead process left. Throws INVALID_ARGUMENT for a path that is too long,
 * FAILED_PRECONDITION where it cannot listen.
 */
export async function makeSocket(
  socket: SocketAddress,
  bind: () => Promise<unknown>,
  mode: number | undefined,
): Promise<string> {
  const { path } = socket;
  const address = `unix://${path}`;
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw cannotListenOn(address, `expected a path of at most ${MAX_PATH_BYTES} bytes`);
  }
  try {
    makeDirectories(dirname(path), 0o755);
    await removeStaleSocket(path);
  } catch (error) {
    throw listenRefusal(address, (error as Error).message, error);
  }
  await bind();
  return protectSocket(socket, mode);
}

/**
 * Gives a socket its group and its mode; resolves with its address as clients use it. Throws
 * FAILED_PRECONDITION where the file belongs to another user and has not got them.
 */
export async function protectSocket(
  { path, mode: ownMode, group }: SocketAddress,
  mode = SOCKET_MODE,
): Promise<string> {
  const address = `unix://${path}`;
  const wanted = ownMode ?? mode;
  try {
    if (group !== undefined) await chown(path, -1, await groupId(group));
    if (((await stat(path)).mode & 0o777) !== wanted) await chmod(path, wanted);
  } catch (error) {
    throw listenRefusal(address, (error as Error).message, error);
  }
  return address;
}

/** Node has no call for the number of a group. */
async function groupId(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const lines = (await readFile('/etc/group', 'utf8')).split('\n');
  const found = lines.map((line) => line.split(':')).find(([name]) => name === group);
  if (found?.[2] === undefined) throw new Error(`there is no group ${JSON.stringify(group)}`);
  return Number(found[2]);
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error('there is a file that is not a socket');
  if (await answers(path)) throw new Error('another process listens there; stop it first');
  await unlink(path);
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Only a refused connection proves that no process listens; a full queue, for example, does
    // not.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    return false;
  } finally {
    socket.destroy();
  }
}
