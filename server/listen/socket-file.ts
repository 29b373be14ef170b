import { once } from 'node:events';
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { cannotListenOn, listenRefusal } from './listen-address.js';

/** Owner and group may connect, as with containerd's and Docker's sockets. */
const SOCKET_MODE = 0o660;
/** Linux's limit of a socket's path. Node silently cuts a longer one. */
const MAX_PATH_BYTES = 107;

/**
 * Makes a socket at a path, by `bind`, and resolves with its address as clients use it. Replaces a
 * socket that a dead process left. Throws INVALID_ARGUMENT for a path that is too long,
 * FAILED_PRECONDITION where it cannot listen.
 */
export async function makeSocket(
  path: string,
  bind: () => Promise<unknown>,
  mode = SOCKET_MODE,
): Promise<string> {
  const address = `unix://${path}`;
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw cannotListenOn(address, `expected a path of at most ${MAX_PATH_BYTES} bytes`);
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await removeStaleSocket(path);
  } catch (error) {
    throw listenRefusal(address, (error as Error).message, error);
  }
  await bind();
  await chmod(path, mode);
  return address;
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
