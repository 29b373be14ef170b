import { once } from 'node:events';
import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { listenRefusal, parseListenAddress } from './listen-address.js';
import { makeSocket } from './socket-file.js';

/**
 * Makes a server listen on `unix:///path` or `host:port`; resolves with the address as clients use
 * it, with the real port. Replaces a socket that a dead process left. Throws INVALID_ARGUMENT for
 * an address of another form, FAILED_PRECONDITION where it cannot listen.
 *
 * @param mode of the socket's file; by default, owner and group may connect
 */
export async function listenOn(server: Server, address: string, mode?: number): Promise<string> {
  const parsed = parseListenAddress(address);
  if (parsed.kind === 'socket') {
    return makeSocket(parsed.path, () => bind(server, { path: parsed.path }, address), mode);
  }
  const { host, port } = parsed;
  await bind(server, { host: host.replace(/^\[(.*)\]$/, '$1'), port }, address);
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
