import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  createSecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
} from 'node:tls';
import type { Logger } from 'pino';
import { FoghornError } from '../../protocol/errors.js';
import { watchFiles } from '../watched-files.js';
import type { TlsPaths } from './listen-address.js';

/** Renegotiation is off, because it costs a server more than a client. */
const SAFE_OPTIONS = {
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
} as const;

/** A client that does not finish its handshake must not keep a file descriptor for long. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Certificate, key and client certificate authorities of a listener, from files. New contents are
 * used for new connections; a broken file leaves the old contents in force.
 */
export class ServerCertificate {
  /** Whether the files have changed and cannot be used, so that the old contents stay in force. */
  isBroken = false;
  readonly #servers: Server[] = [];
  #stop: () => void = () => undefined;

  private constructor(
    private readonly paths: TlsPaths,
    private context: SecureContextOptions,
    private readonly log: Logger,
  ) {}

  /** Throws FAILED_PRECONDITION for files that cannot be read or do not belong together. */
  static async load(paths: TlsPaths, log: Logger): Promise<ServerCertificate> {
    return new ServerCertificate(paths, await read(paths), log);
  }

  /**
   * Options of a TLS server.
   *
   * @param mustIdentify whether a client without a valid certificate is refused
   */
  options(protocols: readonly string[], mustIdentify: boolean): TlsOptions {
    return {
      ...this.context,
      ALPNProtocols: [...protocols],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: this.paths.clientCa !== undefined,
      rejectUnauthorized: this.paths.clientCa !== undefined && mustIdentify,
    };
  }

  /** Gives new contents to a server. */
  follow(server: Server): void {
    this.#servers.push(server);
    if (this.#servers.length > 1) return;
    const { cert, key, clientCa } = this.paths;
    const files = clientCa === undefined ? [cert, key] : [cert, key, clientCa];
    this.#stop = watchFiles(files, () => this.#reload());
    server.once('close', () => {
      this.#stop();
    });
  }

  async #reload(): Promise<void> {
    try {
      this.context = await read(this.paths);
    } catch (error) {
      this.isBroken = true;
      this.log.error(`tls: the old certificate stays in force: ${(error as Error).message}`);
      return;
    }
    this.isBroken = false;
    for (const server of this.#servers) server.setSecureContext(this.context);
    this.log.info(`tls: read ${this.paths.cert} again`);
  }
}

async function read({ cert, key, clientCa }: TlsPaths): Promise<SecureContextOptions> {
  try {
    const context = {
      ...SAFE_OPTIONS,
      cert: await readFile(cert),
      key: await readFile(key),
      ...(clientCa === undefined ? {} : { ca: await readFile(clientCa) }),
    };
    createSecureContext(context);
    return context;
  } catch (error) {
    const files = [cert, key, clientCa].filter((file) => file !== undefined).join(', ');
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `cannot use the TLS files ${files}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
