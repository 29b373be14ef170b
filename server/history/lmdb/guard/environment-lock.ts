import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;
/** Opening takes milliseconds; after this long the work is done without the lock. */
const LOCK_TIMEOUT_MS = 5000;

/**
 * Runs `work` while no other process of this machine opens or closes the directory's LMDB
 * environment. LMDB's last user destroys the locks as it closes, and a process that opens the
 * environment in that moment fails with EINVAL. The lock says nothing about ownership of the store.
 * It is a listening socket in Linux's abstract namespace, which the kernel releases with its
 * process; other systems have none, and go without.
 */
export async function withEnvironmentLock<Result>(
  directory: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = platform() === 'linux' ? await acquire(await lockName(directory)) : undefined;
  try {
    return await work();
  } finally {
    lock?.close();
  }
}

async function lockName(directory: string): Promise<string> {
  const path = await realpath(directory).catch(() => directory);
  return `\0foghorn-${createHash('sha1').update(path).digest('hex')}`;
}

async function acquire(name: string): Promise<Server | undefined> {
  for (let waited = 0; waited < LOCK_TIMEOUT_MS; waited += POLL_MS) {
    const server = createServer((socket) => socket.destroy());
    try {
      server.listen(name);
      await once(server, 'listening');
      server.unref();
      return server;
    } catch {
      await delay(POLL_MS);
    }
  }
  return undefined;
}
