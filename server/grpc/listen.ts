import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { listenRefusal, parseListenAddress } from '../listen/listen-address.js';
import { makeSocket } from '../listen/socket-file.js';

/**
 * Listens on `unix:///path` or `host:port`; resolves with the address as clients use it, with the
 * real port. Replaces a socket that a dead process left. Throws INVALID_ARGUMENT for an address of
 * another form, FAILED_PRECONDITION where it cannot listen.
 */
export async function listen(server: Server, address: string): Promise<string> {
  const parsed = parseListenAddress(address);
  if (parsed.kind === 'socket') {
    return makeSocket(parsed.path, () => bind(server, `unix://${parsed.path}`));
  }
  return `${parsed.host}:${await bind(server, address)}`;
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(listenRefusal(address, reasonIn(error), error));
    });
  });
}

/** Returns the system's reason, which grpc-js puts into brackets at the end. */
function reasonIn({ message }: Error): string {
  return /errors: \[(.*)\]$/.exec(message)?.[1] ?? message;
}
