import { Socket } from 'node:net';
import type { ReadBuffer } from './read-buffer.js';

/** The part of Node's sockets that owns the connection; private, so it may be missing one day. */
interface Owner {
  _handle?: object | null;
}

/**
 * Moves a connection that nothing was read from to a socket that reads into a buffer. Sockets have
 * this option, but servers do not pass it on to those that they accept. Returns undefined where
 * Node has no connection to move, and leaves the accepted socket as it is.
 */
export function readInto(accepted: Socket, { onread }: ReadBuffer): Socket | undefined {
  const owner = accepted as unknown as Owner;
  const handle = owner._handle;
  if (handle === undefined || handle === null) return undefined;
  owner._handle = null;
  // Its server counts it until then.
  accepted.destroy();
  const options = { handle, onread, allowHalfOpen: true };
  return new Socket(options);
}
