import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;
/** Opening takes milliseconds; who waits for longer than this goes on without. */
const LOCK_TIMEOUT_MS = 5000;

/**
 * Does something with a directory's environment while no other process of this machine opens or closes it: LMDB's last
 * user destroys the locks as it closes, and whoever opens it in that moment finds them destroyed (EINVAL). This says
 * nothing about who owns the store. The turn is a socket without a file, which Linux alone has and which ends with its process.
 */
export async function withEnvironmentLock<Result>(
  directory: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const turn = platform() === 'linux' ? await acquire(await lockName(directory)) : undefined;
  try {
    return await work();
  } finally {
    turn?.close();
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
