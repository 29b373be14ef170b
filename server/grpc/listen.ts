import { once } from 'node:events';
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { FoghornError } from '../../protos/errors.js';

/** Owner and group may connect, as with containerd's socket. */
const SOCKET_MODE = 0o660;
/** What fits into a socket's address on Linux. Of a longer path Node would silently use the beginning. */
const MAX_PATH_BYTES = 107;
const MAX_PORT = 65_535;

/**
 * Listens on `unix:///path` or `host:port` and resolves with the address as clients can use it, the real port filled
 * in. A socket that a dead process left is replaced. Throws INVALID_ARGUMENT for an address of another form,
 * FAILED_PRECONDITION where somebody listens already or nobody may.
 */
export async function listen(server: Server, address: string): Promise<string> {
  const path = /^unix:(?:\/\/)?(\/[^/].*)$/.exec(address)?.[1];
  if (path !== undefined) return listenOnSocket(server, path);
  const [, host, port] = /^([^/]+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || host === 'unix' || Number(port) > MAX_PORT) {
    throw invalid(address, 'expected unix:///path or host:port');
  }
  return `${host}:${await bind(server, address)}`;
}

async function listenOnSocket(server: Server, path: string): Promise<string> {
  const address = `unix://${path}`;
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw invalid(address, `expected a path of at most ${MAX_PATH_BYTES} bytes`);
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await removeStaleSocket(path);
  } catch (error) {
    throw refusal(address, error);
  }
  await bind(server, address);
  await chmod(path, SOCKET_MODE);
  return address;
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error('there is a file that is no socket');
  if (await answers(path)) throw new Error('another process listens there; stop it first');
  await unlink(path);
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Anything else, a full queue for example, says nothing about whether somebody listens.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    return false;
  } finally {
    socket.destroy();
  }
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(refusal(address, error));
    });
  });
}

function invalid(address: string, expected: string): FoghornError {
  return new FoghornError(
    'INVALID_ARGUMENT',
    `cannot listen on ${JSON.stringify(address)}: ${expected}`,
  );
}

function refusal(address: string, cause: unknown): FoghornError {
  // grpc-js puts what the system said into brackets at the end.
  const { message } = cause as Error;
  const reason = /errors: \[(.*)\]$/.exec(message)?.[1] ?? message;
  return new FoghornError('FAILED_PRECONDITION', `cannot listen on ${address}: ${reason}`, {
    cause,
  });
}
