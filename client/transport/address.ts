import { FoghornError } from '../../protocol/errors.js';

/** An ADDR taken apart. */
export interface Address {
  /** The same place as grpc-js names it. */
  readonly target: string;
  /** Whether the other side is on this machine and dies visibly, so that no pings are needed. */
  readonly local: boolean;
}

/**
 * Understands `unix:///absolute/path` and `host:port` (an IPv6 address in brackets).
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
