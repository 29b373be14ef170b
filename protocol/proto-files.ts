import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The services that a broker offers, relative to `protoIncludeDirs`. */
export const SERVICE_FILES = [
  'services/events/v1/events.proto',
  'services/namespaces/v1/namespace.proto',
  'services/version/v1/version.proto',
  'services/introspection/v1/introspection.proto',
  'foghorn/v1/history.proto',
  'foghorn/v1/recorder.proto',
] as const;

/**
 * Directories in which .proto files are looked up: containerd's have their own root, ours another.
 */
export function protoIncludeDirs(): string[] {
  return [containerdProtoDir(), dirname(containerdProtoDir())];
}

/** Beside this folder in a checkout, and one level further up when this file runs from dist/. */
export function containerdProtoDir(): string {
  const inCheckout = fileURLToPath(new URL('../protos/containerd', import.meta.url));
  return existsSync(inCheckout)
    ? inCheckout
    : fileURLToPath(new URL('../../protos/containerd', import.meta.url));
}
