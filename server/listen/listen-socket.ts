import { once } from 'node:events';
import type { AddressInfo, ListenOptions, Server } from 'node:net';
import type { InheritedSockets } from './inherited-sockets.js';
import { listenRefusal, type ListenAddress } from './listen-address.js';
import { makeSocket, protectSocket } from './socket-file.js';

/**
 * Makes a server listen; resolves with the address as clients use it, with the real port. Replaces
 * a socket that a dead process left. Throws INVALID_ARGUMENT for a path that is too long,
 * FAILED_PRECONDITION where it cannot listen.
 *
 * @param mode of the socket's file, where the address names none
 * @param inherited sockets to use instead of new ones
 */
export async function listenOn(
  server: Server,
  address: ListenAddress,
  mode: number | undefined,
  inherited: InheritedSockets,
): Promise<string> {
  if (address.kind === 'socket') {
    const { path } = address;
    const fd = inherited.get(path);
    if (fd !== undefined) {
      await bind(server, { fd }, path);
      return protectSocket(address, mode);
    }
    return makeSocket(address, () => bind(server, { path }, path), mode);
  }
  const { host, port } = address;
  const where = { host: host.replace(/^\[(.*)\]$/, '$1'), port };
  await bind(server, where, `${host}:${port}`);
  return `${host}:${(server.address() as AddressInfo).port}`;
}

async function bind(
  server: Server,
  where: ListenOptions | { readonly fd: number },
  address: string,
): Promise<void> {
  try {
    server.listen(where);
    await once(server, 'listening');
  } catch (error) {
    throw listenRefusal(address, (error as Error).message, error);
  }
}
