import { once } from 'node:events';
import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { listenRefusal, type ListenAddress } from './listen-address.js';
import { makeSocket } from './socket-file.js';

/**
 * Makes a server listen; resolves with the address as clients use it, with the real port. Replaces
 * a socket that a dead process left. Throws INVALID_ARGUMENT for a path that is too long,
 * FAILED_PRECONDITION where it cannot listen.
 *
 * @param mode of the socket's file, where the address names none
 */
export async function listenOn(
  server: Server,
  address: ListenAddress,
  mode?: number,
): Promise<string> {
  if (address.kind === 'socket') {
    const { path } = address;
    return makeSocket(address, () => bind(server, { path }, path), mode);
  }
  const { host, port } = address;
  const where = { host: host.replace(/^\[(.*)\]$/, '$1'), port };
  await bind(server, where, `${host}:${port}`);
  return `${host}:${(server.address() as AddressInfo).port}`;
}

async function bind(server: Server, where: ListenOptions, address: string): Promise<void> {
  try {
    server.listen(where);
    await once(server, 'listening');
  } catch (error) {
    throw listenRefusal(address, (error as Error).message, error);
  }
}
