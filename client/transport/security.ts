import {
  credentials,
  InterceptingCall,
  type ChannelCredentials,
  type Interceptor,
} from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { FoghornError } from '../../protocol/errors.js';
import type { Address } from './address.js';

/**
 * Paths of PEM files. They are read whenever a channel is opened; if they cannot be used then, what
 * was read before stays in use.
 */
export interface ClientTls {
  /** Certificates that sign the broker's; those that Node trusts unless given. */
  readonly ca?: string | undefined;
  /** The client's own certificate and key, by which the broker identifies it. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** How a client protects its connection, and proves who it is. */
export interface ClientSecurity {
  /** TLS for an address of TCP; `true` for one whose certificate Node trusts. */
  readonly tls?: ClientTls | true | undefined;
  /** A bearer token, sent with every call. */
  readonly token?: string | undefined;
}

/** Credentials and options of a channel. */
export interface ChannelSecurity {
  readonly credentials: ChannelCredentials;
  readonly options: Readonly<Record<string, string | number>>;
}

/** Throws FAILED_PRECONDITION for files that cannot be read or used. */
export function channelSecurity(address: Address, { tls }: ClientSecurity): ChannelSecurity {
  // A unix socket is protected by its file's mode.
  if (tls === undefined || address.local) {
    return { credentials: credentials.createInsecure(), options: {} };
  }
  const { ca, cert, key } = tls === true ? {} : tls;
  if ((cert === undefined) !== (key === undefined)) {
    throw new FoghornError('INVALID_ARGUMENT', 'TLS: expected both a certificate and its key');
  }
  const host = /^dns:\[?(.*?)\]?:\d+$/.exec(address.target)?.[1] ?? '';
  // TLS has no server name that is an IP address, so the certificate is compared with it here.
  const options: Record<string, string> =
    isIP(host) === 0 ? {} : { 'grpc.ssl_target_name_override': 'localhost' };
  try {
    return {
      credentials: credentials.createSsl(read(ca), read(key), read(cert), {
        checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
      }),
      options,
    };
  } catch (error) {
    const text = `cannot use the TLS files: ${(error as Error).message}`;
    throw new FoghornError('FAILED_PRECONDITION', text, { cause: error });
  }
}

function read(path: string | undefined): Buffer | null {
  return path === undefined ? null : readFileSync(path);
}

/** Adds a bearer token to every call. */
export function bearer(token: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set('authorization', `Bearer ${token}`);
        next(metadata, listener);
      },
    });
}
