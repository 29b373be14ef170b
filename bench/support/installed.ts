import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the bench starts besides Node, and how to find out its version. */
const PROGRAMS = {
  containerd: { package: 'containerd', version: / v?(\d\S*)/ },
  'nats-server': { package: 'nats-server', version: /v(\d\S*)/ },
  'redis-server': { package: 'redis-server', version: /v=(\S+)/ },
  h2load: { package: 'nghttp2-client', version: /nghttp2\/(\S+)/ },
} as const;

export type InstalledProgram = keyof typeof PROGRAMS;

/** Why these cannot be started, and what to install; undefined when they can. */
export function missing(...names: readonly InstalledProgram[]): string | undefined {
  if (names.includes('containerd') && process.getuid?.() !== 0) return 'containerd runs as root';
  const absent = names.filter((name) => !isInstalled(name));
  if (absent.length === 0) return undefined;
  const packages = absent.map((name) => PROGRAMS[name].package);
  return `no ${absent.join(', ')} here: apt-get install ${packages.join(' ')}`;
}

/** Empty when it is not here. */
export function versionOf(name: InstalledProgram): string {
  if (!isInstalled(name)) return '';
  const text = execFileSync(name, ['--version'], { encoding: 'utf8' });
  return PROGRAMS[name].version.exec(text)?.[1] ?? 'of unknown version';
}

function isInstalled(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
