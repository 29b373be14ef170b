import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join, relative } from 'node:path';
import type { Database } from 'lmdb';
import { FoghornError } from '../../../../protocol/errors.js';

const OWNER_KEY = 'owner';
/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the NUL at the end. */
const MAX_SOCKET_PATH = 103;

/**
 * Exclusive ownership of a store by one broker.
 *
 * The owner listens on a socket in the store's directory and records the socket's name in the
 * store. The kernel closes the socket with the process, even after kill -9, so a dead owner is
 * recognised without process ids, which mean nothing across containers. Rivals that replace a
 * dead owner are decided by a write transaction, of which LMDB allows one at a time.
 */
export class Ownership {
  private constructor(private readonly server: Server) {}

  /**
   * Throws FAILED_PRECONDITION when another broker owns the store, and INVALID_ARGUMENT when its
   * path is too long.
   */
  static async take(directory: string, meta: Database<string, string>): Promise<Ownership> {
    const name = socketName();
    const server = await listen(socketPath(directory, name));
    try {
      for (;;) {
        const owner = meta.get(OWNER_KEY);
        if (owner !== undefined && (await isAlive(socketPath(directory, owner)))) {
          throw new FoghornError(
            'FAILED_PRECONDITION',
            `the store in ${directory} is in use by another broker: stop it first, or give this one its own --store`,
          );
        }
        if (replace(meta, owner, name)) {
          if (owner !== undefined) await rm(join(directory, owner), { force: true });
          return new Ownership(server);
        }
      }
    } catch (error) {
      server.close();
      throw error;
    }
  }

  release(): void {
    this.server.close();
  }
}

/** Throws INVALID_ARGUMENT when the directory's path is too long for the owner's socket. */
export function checkPathLength(directory: string): void {
  socketPath(directory, socketName());
}

function socketName(): string {
  return `owner-${randomBytes(6).toString('hex')}.sock`;
}

/** Records the new owner if the old one has not changed since it was read. */
function replace(meta: Database<string, string>, from: string | undefined, to: string): boolean {
  return meta.transactionSync(() => {
    if (meta.get(OWNER_KEY) !== from) return false;
    meta.putSync(OWNER_KEY, to);
    return true;
  });
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  await once(server, 'listening');
  server.unref();
  return server;
}

async function isAlive(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return false;
    // A full backlog means that the owner's socket is open.
    if (code === 'EAGAIN') return true;
    throw error;
  } finally {
    socket.destroy();
  }
}

function socketPath(directory: string, name: string): string {
  const absolute = join(directory, name);
  const fromHere = relative('', absolute);
  const path = fromHere.length < absolute.length ? fromHere : absolute;
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `the store's path is too long: ${directory} must have at most ${MAX_SOCKET_PATH - name.length - 1} bytes`,
    );
  }
  return path;
}
