import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What the tests start, and the Debian package that it is in. */
const NEEDED = {
  containerd: 'containerd',
  ctr: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  runc: 'runc',
  busybox: 'busybox-static',
} as const;

/**
 * Makes sure that everything the tests start is here, and gives the path of busybox. Otherwise an
 * error tells what to install.
 */
export async function findInstalled(): Promise<string> {
  if (process.getuid?.() !== 0)
    throw new Error('containerd runs containers as root only: run this as root');
  const commands = Object.keys(NEEDED) as (keyof typeof NEEDED)[];
  const paths = new Map<string, string>();
  for (const command of commands) {
    const path = await findCommand(command);
    if (path !== undefined) paths.set(command, path);
  }
  const missing = commands.filter((command) => !paths.has(command));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((command) => NEEDED[command]))];
    throw new Error(`no ${missing.join(', ')} here: apt-get install ${packages.join(' ')}`);
  }
  return paths.get('busybox')!;
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
