import { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';

/** The identity in a verified client certificate. */
export interface CertificateIdentity {
  /** The first URI among the alternative names, or else the common name. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly ends: number;
}

/** A URI in the text that Node makes of the alternative names; it quotes values with commas. */
const URI_NAME = /(?:^|, )URI:(?:("(?:[^"\\]|\\.)*")|([^,]*))/;

/**
 * Returns the identity in the certificate that the client has shown; undefined if it has shown
 * none, 'unverified' for one that cannot be relied on.
 */
export function certificateOf(socket: Duplex): CertificateIdentity | 'unverified' | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  if (!socket.authorized) return 'unverified';
  const name = uriIn(certificate.subjectAltName) ?? commonName(socket);
  if (name === undefined || name === '') return 'unverified';
  return { name, ends: Date.parse(certificate.validTo) };
}

function uriIn(alternativeNames: string | undefined): string | undefined {
  const [, quoted, plain] = URI_NAME.exec(alternativeNames ?? '') ?? [];
  return quoted === undefined ? plain : (JSON.parse(quoted) as string);
}

/** Undefined where there are several, because none of them is the name. */
function commonName(socket: TLSSocket): string | undefined {
  const subject = socket.getPeerCertificate().subject as { readonly CN?: string | string[] };
  return typeof subject.CN === 'string' ? subject.CN : undefined;
}
