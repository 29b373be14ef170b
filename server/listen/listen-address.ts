import { FoghornError } from '../../protocol/errors.js';

/** An address that a server listens on. */
export type ListenAddress = SocketAddress | TcpAddress;

/** A unix socket: `unix:///path?as=NAME&mode=0660&group=docker`. */
export interface SocketAddress {
  readonly kind: 'socket';
  readonly path: string;
  /** The name of everyone who connects; undefined for a local caller without a name. */
  readonly as: string | undefined;
  /** Mode of the socket's file; undefined for the default. */
  readonly mode: number | undefined;
  /** Name or number of the group that owns the file; undefined for the process's own. */
  readonly group: string | undefined;
}

/** A TCP address: `host:port?cert=FILE&key=FILE&client_ca=FILE`. */
export interface TcpAddress {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
  /** The address's own TLS files; undefined where it has none. */
  readonly tls: TlsPaths | undefined;
}

/** PEM files of a TLS listener. */
export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
  /** Certificates that client certificates must be signed by; undefined for no client ones. */
  readonly clientCa: string | undefined;
}

const MAX_PORT = 65_535;
const SOCKET_OPTIONS = ['as', 'mode', 'group'] as const;
const TCP_OPTIONS = ['cert', 'key', 'client_ca'] as const;

/**
 * Reads `unix:///path`, `unix:/path`, `/path`, `host:port` or `tcp://host:port`, with options after
 * a question mark; port 0 is any free one.
 * Throws INVALID_ARGUMENT for another form.
 */
export function parseListenAddress(address: string): ListenAddress {
  const [place = '', ...query] = address.split('?');
  const path = /^(?:unix:(?:\/\/)?)?(\/[^/].*)$/.exec(place)?.[1];
  if (path !== undefined) {
    const { as, mode, group } = optionsIn(address, query, SOCKET_OPTIONS);
    return {
      kind: 'socket',
      path,
      as,
      mode: mode === undefined ? mode : modeIn(address, mode),
      group,
    };
  }
  const [, host, port] = /^(?:tcp:\/\/)?([^/]+):(\d{1,5})$/.exec(place) ?? [];
  if (host === undefined || host === 'unix' || Number(port) > MAX_PORT) {
    throw cannotListenOn(address, 'expected unix:///path or host:port');
  }
  const options = optionsIn(address, query, TCP_OPTIONS);
  return { kind: 'tcp', host, port: Number(port), tls: tlsIn(address, options) };
}

function optionsIn<Name extends string>(
  address: string,
  query: readonly string[],
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const options: Partial<Record<string, string>> = {};
  for (const [name, value] of new URLSearchParams(query.join('?'))) {
    if (!known.includes(name as Name) || value === '') {
      throw cannotListenOn(address, `expected the options ${known.join(', ')} with a value`);
    }
    options[name] = value;
  }
  return options;
}

function modeIn(address: string, text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw cannotListenOn(address, 'expected an octal mode such as 0660');
}

function tlsIn(
  address: string,
  { cert, key, client_ca: clientCa }: Partial<Record<(typeof TCP_OPTIONS)[number], string>>,
): TlsPaths | undefined {
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw cannotListenOn(address, 'expected both cert and key');
  }
  return { cert, key, clientCa };
}

/** Who can connect to an address: this machine's users by a socket or by TCP, or the network. */
export type ListenerKind = 'socket' | 'loopback' | 'network';

export function listenerKind(address: ListenAddress): ListenerKind {
  if (address.kind === 'socket') return 'socket';
  return isLoopbackHost(address.host) ? 'loopback' : 'network';
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
export function listenRefusal(address: string, reason: string, cause?: unknown): FoghornError {
  return new FoghornError('FAILED_PRECONDITION', `cannot listen on ${address}: ${reason}`, {
    cause,
  });
}
