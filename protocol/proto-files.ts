import { packageFile } from './package-file.js';

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
  return [packageFile('protos/containerd'), packageFile('protos')];
}
