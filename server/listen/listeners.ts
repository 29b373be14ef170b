import { Socket, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer, type TlsOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { Access } from '../access/access.js';
import type { Audit } from '../access/audit.js';
import type { ConnectionAccess } from '../access/connection-access.js';
import {
  listenerKind,
  listenRefusal,
  parseListenAddress,
  type ListenAddress,
  type ListenerKind,
  type TlsPaths,
} from './listen-address.js';
import type { InheritedSockets } from './inherited-sockets.js';
import { listenOn } from './listen-socket.js';
import { certificateOf } from './peer-certificate.js';
import { ServerCertificate } from './server-certificate.js';

/** How the addresses of all edges are protected. */
export interface Protection {
  readonly access: Access;
  /** TLS files of TCP addresses that have none of their own. */
  readonly tls: TlsPaths | undefined;
  /** Whether TCP beyond loopback may lack TLS and identity. */
  readonly insecure: boolean;
}

/** An address that is about to be listened on. */
export interface Listener {
  readonly kind: ListenerKind;
  /** Undefined for an address without TLS. */
  readonly tls: TlsOptions | undefined;
  /**
   * Identifies the client of a connection, whose handshake is finished. Undefined if the connection
   * must be cut.
   */
  readonly connect: (socket: Duplex) => ConnectionAccess | undefined;
  /** See `listenOn`. */
  listen(server: Server, mode?: number): Promise<string>;
}

/** Prepares listeners. Made by `startServer`, and used by all edges. */
export class Listeners {
  readonly #certificates: ServerCertificate[] = [];

  constructor(
    private readonly protection: Protection,
    private readonly log: Logger,
    private readonly inherited: InheritedSockets = new Map(),
  ) {}

  /** Whether TLS files have changed and cannot be used. */
  get haveBrokenCertificate(): boolean {
    return this.#certificates.some(({ isBroken }) => isBroken);
  }

  /**
   * Throws INVALID_ARGUMENT for an address of another form, and FAILED_PRECONDITION for one that
   * would be open to everyone or whose TLS files cannot be used.
   *
   * @param protocols the protocols that the server speaks, by their ALPN names
   */
  async prepare(text: string, protocols: readonly string[]): Promise<Listener> {
    const { inherited } = this;
    const { access } = this.protection;
    const address = parseListenAddress(text);
    const paths = this.#tlsPaths(address);
    const kind = listenerKind(address);
    if (kind === 'network') this.#checkProtected(text, paths);
    const files = paths && (await ServerCertificate.load(paths, this.log));
    if (files !== undefined) this.#certificates.push(files);
    const socketName = address.kind === 'socket' ? (address.as ?? '') : undefined;
    return {
      kind,
      tls: files?.options(protocols, !access.hasRules),
      connect: (socket) => {
        const certificate = certificateOf(socket);
        const remote = (socket instanceof Socket ? socket.remoteAddress : undefined) ?? '';
        if (certificate === 'unverified') {
          access.audit.unidentified(remote, 'the client certificate is not valid');
          return undefined;
        }
        const connection = access.connect({
          address: remote,
          certificate: certificate?.name,
          certificateEnds: certificate?.ends,
          socket: socketName,
        });
        socket.on('close', () => {
          connection.close();
        });
        return connection;
      },
      async listen(server, mode) {
        const listening = await listenOn(server, address, mode, inherited);
        if (server instanceof TlsServer) {
          files?.follow(server);
          server.on('tlsClientError', (error, socket) => {
            reportHandshake(error, socket, access.audit);
          });
        }
        return listening;
      },
    };
  }

  #tlsPaths(address: ListenAddress): TlsPaths | undefined {
    return address.kind === 'tcp' ? (address.tls ?? this.protection.tls) : undefined;
  }

  #checkProtected(text: string, tls: TlsPaths | undefined): void {
    const { access, insecure } = this.protection;
    if (tls !== undefined && (tls.clientCa !== undefined || access.hasRules)) return;
    const missing = tls === undefined ? 'without TLS' : 'without a way to identify callers';
    if (!insecure) {
      throw listenRefusal(
        text,
        `${missing}, everyone on the network could read and publish; ` +
          'expected --tls-cert and --tls-key with --tls-client-ca or --access, or --insecure',
      );
    }
    this.log.warn(
      `listen: ${text} is open to everyone on the network, ${missing} (--insecure allows it)`,
    );
  }
}

/** Clients that only look whether the port is open end the connection themselves. */
function reportHandshake(error: NodeJS.ErrnoException, socket: Socket, audit: Audit): void {
  if (error.code === 'ECONNRESET') return;
  audit.unidentified(socket.remoteAddress ?? '', `TLS handshake: ${error.code ?? error.message}`);
}
