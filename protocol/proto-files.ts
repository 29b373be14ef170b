import { packageFile } from './package-file.js';

/** The services that a broker offers, relative to `protoIncludeDirs`. */
export const SERVICE_FILES = [
  'containerd/services/events/v1/events.proto',
  'containerd/services/namespaces/v1/namespace.proto',
  'containerd/services/version/v1/version.proto',
  'containerd/services/introspection/v1/introspection.proto',
  'foghorn/v1/history.proto',
  'foghorn/v1/consumers.proto',
  'foghorn/v1/recorder.proto',
] as const;

/**
 * Directories in which .proto files are looked up. Files of users may import those of containerd by
 * their paths within its API, such as events/task.proto.
 */
export function protoIncludeDirs(): string[] {
  return [packageFile('protos'), packageFile('protos/containerd')];
}
