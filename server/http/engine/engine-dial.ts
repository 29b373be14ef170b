import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { EngineAddress } from '../../../protocol/engine-address.js';
import { FoghornError } from '../../../protocol/errors.js';
import { HttpPeer } from './http-peer.js';
import { ReadBuffer } from './read-buffer.js';

/** Time for an engine to accept a connection, in milliseconds. */
const CONNECT_MS = 5000;

const REASONS: Partial<Record<string, string>> = {
  ENOENT: 'no such socket',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EACCES: 'permission denied',
};

/**
 * Connects to an engine. The connection stays open for reading when its writing ends, as hijacked
 * streams need.
 *
 * @param shared see `ReadBuffer`
 * @throws FoghornError UNAVAILABLE
 */
export function dialEngine(
  { text, target, tls }: EngineAddress,
  shared: Buffer,
): Promise<HttpPeer> {
  const place =
    'socketPath' in target
      ? { path: target.socketPath }
      : { host: target.host, port: Number(target.port) };
  const options = { ...place, allowHalfOpen: true, noDelay: true, keepAlive: true };
  // TLS decrypts into memory of its own.
  const buffer = tls === undefined ? new ReadBuffer(shared) : undefined;
  const socket =
    tls === undefined
      ? connect({ ...options, ...(buffer && { onread: buffer.onread }) })
      : connectTls({ ...options, ...tls });
  const peer = new HttpPeer(socket, buffer);
  const connected = tls === undefined ? 'connect' : 'secureConnect';
  return new Promise((resolve, reject) => {
    const stopWaiting = (): void => {
      clearTimeout(timer);
      socket.off('close', stopWaiting).off('error', fail).off(connected, succeed);
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      stopWaiting();
      socket.destroy();
      reject(engineAway(text, REASONS[error.code ?? ''] ?? error.message, error));
    };
    const succeed = (): void => {
      stopWaiting();
      resolve(peer);
    };
    const timer = setTimeout(() => {
      fail(new Error(`no connection within ${CONNECT_MS / 1000} s`));
    }, CONNECT_MS);
    socket.on('close', stopWaiting).on('error', fail).on(connected, succeed);
  });
}

/** The error while an engine is down. */
export function engineAway(engine: string, reason: string, cause?: unknown): FoghornError {
  return new FoghornError(
    'UNAVAILABLE',
    `the engine at ${engine} is not available (${reason}); events, wait and ps -a go on from history`,
    { cause },
  );
}
