import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Commands that the tests start, and their Debian packages. */
const PACKAGES = {
  containerd: 'containerd',
  ctr: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  runc: 'runc',
  busybox: 'busybox-static',
  dockerd: 'docker.io',
  docker: 'docker.io',
  // It depends on python3-docker.
  'docker-compose': 'docker-compose',
  curl: 'curl',
  h2load: 'nghttp2-client',
  nghttp: 'nghttp2-client',
  zsh: 'zsh',
  fish: 'fish',
  mandoc: 'mandoc',
  groff: 'groff-base',
  protoc: 'protobuf-compiler',
  go: 'golang-go golang-google-grpc-dev golang-github-golang-protobuf-1-5-dev',
  rustc: 'rustc',
  podman: 'podman',
  'protoc-gen-go': 'protoc-gen-go',
  'protoc-gen-go-grpc': 'protoc-gen-go-grpc',
} as const;

export type Command = keyof typeof PACKAGES;

/** Commands needed to run containers. */
export const CONTAINERD_COMMANDS: readonly Command[] = [
  'containerd',
  'ctr',
  'containerd-shim-runc-v2',
  'runc',
  'busybox',
];

/** Returns the paths of commands. Throws an error that names the missing packages. */
export async function findInstalled(
  commands: readonly Command[],
): Promise<ReadonlyMap<Command, string>> {
  if (process.getuid?.() !== 0)
    throw new Error('containerd runs containers as root only: run this as root');
  const paths = new Map<Command, string>();
  for (const command of commands) {
    const path = await findCommand(command);
    if (path !== undefined) paths.set(command, path);
  }
  const missing = commands.filter((command) => !paths.has(command));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((command) => PACKAGES[command]))];
    throw new Error(`no ${missing.join(', ')} here: apt-get install ${packages.join(' ')}`);
  }
  return paths;
}

async function findCommand(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
