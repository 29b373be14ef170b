import { Option, type Command } from 'commander';
import { FoghornError } from '../../../protocol/errors.js';
import type { ServeOptions } from '../../../server/options.js';

/** Values of the flags for who may connect and what each may do. */
export interface AccessFlags {
  readonly access?: string;
  readonly audit?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly insecure?: boolean;
}

export function accessFlags(): Option[] {
  return [
    new Option(
      '--access <FILE>',
      'YAML file of who may publish and read in which namespaces; it is read again when it changes',
    ).env('FOGHORN_ACCESS'),
    new Option(
      '--audit <FILE>',
      'file for a JSON line about each caller, what it uses, is refused and changes; - for stdout (default: none)',
    ).env('FOGHORN_AUDIT'),
    new Option('--tls-cert <FILE>', 'PEM certificate of TCP addresses').env(
      'FOGHORN_SERVE_TLS_CERT',
    ),
    new Option('--tls-key <FILE>', 'PEM key of the certificate').env('FOGHORN_SERVE_TLS_KEY'),
    new Option(
      '--tls-client-ca <FILE>',
      'PEM certificates that sign those of clients, which identify callers',
    ).env('FOGHORN_SERVE_TLS_CLIENT_CA'),
    new Option(
      '--insecure',
      'allow TCP addresses beyond this machine without TLS and identity',
    ).env('FOGHORN_INSECURE'),
  ];
}

/**
 * The TLS files on the command line. The program reads them as the client's flags of the same
 * names, whose environment is not the broker's.
 */
export function tlsFlagsOf(program: Command): Pick<AccessFlags, 'tlsCert' | 'tlsKey'> {
  const given = (['tlsCert', 'tlsKey'] as const).filter(
    (name) => program.getOptionValueSource(name) === 'cli',
  );
  return Object.fromEntries(given.map((name) => [name, program.opts<AccessFlags>()[name]]));
}

/** Throws INVALID_ARGUMENT for a certificate without a key, or the other way round. */
export function accessOptionsOf({
  access,
  audit,
  tlsCert: cert,
  tlsKey: key,
  tlsClientCa: clientCa,
  insecure = false,
}: AccessFlags): Pick<ServeOptions, 'access' | 'audit' | 'tls' | 'insecure'> {
  if (cert === undefined && key === undefined && clientCa === undefined) {
    return { access, audit, tls: undefined, insecure };
  }
  if (cert === undefined || key === undefined) {
    throw new FoghornError('INVALID_ARGUMENT', 'TLS: expected both --tls-cert and --tls-key');
  }
  return { access, audit, tls: { cert, key, clientCa }, insecure };
}
