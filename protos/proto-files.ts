import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The services that a broker offers, relative to `protoIncludeDirs`. */
export const SERVICE_FILES = [
  'services/events/v1/events.proto',
  'foghorn/v1/history.proto',
] as const;

/** Where our .proto files are looked up: containerd's under their own root, ours under theirs. */
export function protoIncludeDirs(): string[] {
  return [containerdProtoDir(), dirname(containerdProtoDir())];
}

/** The .proto files stay where they are when the code beside them is compiled into dist/. */
export function containerdProtoDir(): string {
  const beside = fileURLToPath(new URL('containerd', import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL('../../protos/containerd', import.meta.url));
}
