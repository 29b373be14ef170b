import { FoghornError } from '../../protocol/errors.js';

/** A parsed ADDR. */
export interface Address {
  /** The address in the form of grpc-js. */
  readonly target: string;
  /** Whether the peer is on this machine, where its death is visible and pings are not needed. */
  readonly local: boolean;
}

/**
 * Parses `unix:///absolute/path` and `host:port` (an IPv6 address in brackets).
 *
 * @throws FoghornError INVALID_ARGUMENT for anything else.
 */
export function parseAddress(text: string): Address {
  if (/^unix:\/\/\/[^/]/.test(text)) return { target: text, local: true };
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^[\]:/\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65535) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `address ${JSON.stringify(text)}: expected unix:///path or host:port`,
    );
  }
  return { target: `dns:${text}`, local: false };
}
