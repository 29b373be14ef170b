import { FoghornError } from '../../protocol/errors.js';

/** An address that a server listens on. */
export type ListenAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const MAX_PORT = 65_535;

/**
 * Reads `unix:///path` or `host:port`; port 0 is any free one. Throws INVALID_ARGUMENT for another
 * form.
 */
export function parseListenAddress(address: string): ListenAddress {
  const path = /^unix:(?:\/\/)?(\/[^/].*)$/.exec(address)?.[1];
  if (path !== undefined) return { kind: 'socket', path };
  const [, host, port] = /^([^/]+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || host === 'unix' || Number(port) > MAX_PORT) {
    throw cannotListenOn(address, 'expected unix:///path or host:port');
  }
  return { kind: 'tcp', host, port: Number(port) };
}

/** Who can connect to an address: this machine's users by a socket or by TCP, or the network. */
export type ListenerKind = 'socket' | 'loopback' | 'network';

/** Throws INVALID_ARGUMENT for an address of another form. */
export function listenerKind(address: string): ListenerKind {
  const parsed = parseListenAddress(address);
  if (parsed.kind === 'socket') return 'socket';
  return isLoopbackHost(parsed.host) ? 'loopback' : 'network';
}

/** Whether a host's name or address leads to this machine, whatever a DNS server says. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:.+\.)?localhost)$/i.test(host);
}

export function cannotListenOn(address: string, expected: string): FoghornError {
  return new FoghornError(
    'INVALID_ARGUMENT',
    `cannot listen on ${JSON.stringify(address)}: ${expected}`,
  );
}

/** The error for an address that the system refuses. */
export function listenRefusal(address: string, reason: string, cause: unknown): FoghornError {
  return new FoghornError('FAILED_PRECONDITION', `cannot listen on ${address}: ${reason}`, {
    cause,
  });
}
