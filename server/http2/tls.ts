import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';

/**
 * TLS as HTTP/2 has it (RFC 9113, section 9.2). Renegotiation is off, because it costs a server
 * more than a client.
 */
export const TLS_OPTIONS: Readonly<TlsOptions> = {
  ALPNProtocols: ['h2'],
  minVersion: 'TLSv1.2',
  // A client that does not finish its handshake must not keep a file descriptor for long.
  handshakeTimeout: 10_000,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
};
