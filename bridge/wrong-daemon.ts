import { statSync } from 'node:fs';
import { credentials, Metadata } from '@grpc/grpc-js';
import { connect } from '../client/index.js';
import { parseAddress } from '../client/own-programs.js';
import { FoghornError } from '../protocol/errors.js';
import { VersionClient } from '../protos/gen/containerd/services/version/v1/version.js';
import { peerAt } from './peer-at.js';

/** Milliseconds for a gRPC server to show what it is. */
const PATIENCE_MS = 10_000;

const NAMES = { docker: 'a Docker engine', containerd: 'containerd' } as const;

/** Failures of a peer that takes the connection, and speaks another protocol. */
const SPEAKS_OTHERWISE =
  /protocol error|parse error|speaks no gRPC|socket hang up|was answered with 400|failed to connect|no answer to the attempt/i;

/**
 * The error for a recorder whose daemon's address is a file, or that of another server: says what
 * it seems to be. Returns other errors as they are.
 */
export async function explainDaemon(
  error: unknown,
  kind: keyof typeof NAMES,
  address: string,
): Promise<unknown> {
  if (!(error instanceof FoghornError) || error.code !== 'UNAVAILABLE') return error;
  const file = fileAt(address);
  const found = file ?? (SPEAKS_OTHERWISE.test(error.message) && (await serverAt(kind, address)));
  if (!found) return error;
  return new FoghornError('UNIMPLEMENTED', `${address} is ${found}, not ${NAMES[kind]}`, {
    cause: error,
  });
}

/** Returns undefined for a socket, and for a path where nothing is or may be seen. */
function fileAt(address: string): string | undefined {
  const { target, local } = parseAddress(address);
  if (!local) return undefined;
  try {
    const found = statSync(target.slice('unix://'.length));
    if (found.isSocket()) return undefined;
    return found.isDirectory() ? 'a directory' : 'a file';
  } catch {
    return undefined;
  }
}

/** Returns undefined for the right kind of server, and for one that does not show what it is. */
async function serverAt(kind: keyof typeof NAMES, address: string): Promise<string | undefined> {
  const grpc = await grpcServerAt(address);
  if (grpc !== undefined) return kind === 'containerd' ? undefined : grpc;
  const peer = await peerAt(address);
  return kind === 'docker' && peer === 'a Docker API' ? undefined : peer;
}

async function grpcServerAt(address: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const client = connect({ address });
  try {
    await client.describe({ signal });
    return "Foghorn's gRPC API";
  } catch (error) {
    const { code } = error as FoghornError;
    if (code === 'PERMISSION_DENIED' || code === 'UNAUTHENTICATED') return "Foghorn's gRPC API";
    if (code !== 'UNIMPLEMENTED') return undefined;
    return (await hasVersion(address)) ? 'containerd' : 'another gRPC server';
  } finally {
    await client.close();
  }
}

/** Whether a server has containerd's service for its version. */
function hasVersion(address: string): Promise<boolean> {
  const { target } = parseAddress(address);
  const client = new VersionClient(target, credentials.createInsecure());
  return new Promise((resolve) => {
    client.version({}, new Metadata(), { deadline: Date.now() + PATIENCE_MS }, (error) => {
      client.close();
      resolve(error === null);
    });
  });
}
