import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import type { ClientSecurity, ClientTls } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { flag } from '../flags.js';

/** Values of the global flags that protect a connection. */
interface SecurityFlags {
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tokenFile?: string;
}

/** The global flags that protect a connection and say who calls. */
export function securityFlags(): Option[] {
  return [
    flag('--tls-ca <FILE>', "PEM certificates that sign the broker's, for TLS").env(
      'FOGHORN_TLS_CA',
    ),
    flag('--tls-cert <FILE>', 'PEM certificate that identifies this client').env(
      'FOGHORN_TLS_CERT',
    ),
    flag('--tls-key <FILE>', 'PEM key of the certificate').env('FOGHORN_TLS_KEY'),
    flag('--token-file <FILE>', 'file with the bearer token that identifies this client').env(
      'FOGHORN_TOKEN_FILE',
    ),
  ];
}

/** Throws INVALID_ARGUMENT for a certificate without its key, and for a key without certificate. */
export function checkCertificate({
  tlsCert,
  tlsKey,
}: {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}): void {
  if ((tlsCert === undefined) === (tlsKey === undefined)) return;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    'expected both --tls-cert and --tls-key, or none of them',
  );
}

/** The protection that a command's flags ask for. Throws FAILED_PRECONDITION. */
export function securityOf(command: Command): ClientSecurity {
  const {
    tlsCa: ca,
    tlsCert: cert,
    tlsKey: key,
    tokenFile,
  } = command.optsWithGlobals<SecurityFlags>();
  checkCertificate({ tlsCert: cert, tlsKey: key });
  const tls: ClientTls | undefined =
    ca === undefined && cert === undefined ? undefined : { ca, cert, key };
  return { tls, token: tokenFile === undefined ? undefined : readToken(tokenFile) };
}

/** The flags by which another command line protects its connection in the same way. */
export function securityArguments(command: Command): readonly string[] {
  const values = command.optsWithGlobals<Readonly<Record<string, string | undefined>>>();
  return securityFlags().flatMap((option) => {
    const value = values[option.attributeName()];
    return value === undefined ? [] : [`--${option.name()}`, value];
  });
}

function readToken(path: string): string {
  let token;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const text = `cannot read the token: ${(error as Error).message}`;
    throw new FoghornError('FAILED_PRECONDITION', text, { cause: error });
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new FoghornError('FAILED_PRECONDITION', `${path}: expected one line with a token`);
}
