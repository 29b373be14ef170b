import { FoghornError } from '../../protocol/errors.js';

/** A parsed ADDR. */
export interface Address {
  /** The address in the form of grpc-js. */
  readonly target: string;
  /** Whether the peer is on this machine, where its death is visible and pings are not needed. */
  readonly local: boolean;
}

/** Longest path of a unix socket, in bytes; the system cuts longer ones. */
const MAX_SOCKET_PATH = 107;

/**
 * Parses `unix:///absolute/path`, also as `unix:/path` or `/path`, and `host:port` (an IPv6 address
 * in brackets), also with `tcp://`.
 *
 * @throws FoghornError INVALID_ARGUMENT for anything else.
 */
export function parseAddress(text: string): Address {
  const path = /^(?:unix:(?:\/\/)?)?(\/[^/].*)$/.exec(text)?.[1];
  if (path !== undefined) return { target: `unix://${checkedPath(path)}`, local: true };
  const [, host, port] =
    /^(?:tcp:\/\/)?(\[[0-9A-Fa-f:.]+\]|[^[\]:/\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65535) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `address ${JSON.stringify(text)}: expected unix:///path or host:port`,
    );
  }
  return { target: `dns:${host}:${port ?? ''}`, local: false };
}

function checkedPath(path: string): string {
  const length = Buffer.byteLength(path);
  if (length <= MAX_SOCKET_PATH) return path;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `socket path of ${length} bytes: expected at most ${MAX_SOCKET_PATH}, as in ${JSON.stringify(`${path.slice(0, 20)}…`)}`,
  );
}
