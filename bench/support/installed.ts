import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Programs that the bench starts besides Node, their Debian packages, and patterns of their
 * versions.
 */
const PROGRAMS = {
  containerd: { package: 'containerd', version: / v?(\d\S*)/ },
  'nats-server': { package: 'nats-server', version: /v(\d\S*)/ },
  'redis-server': { package: 'redis-server', version: /v=(\S+)/ },
  dockerd: { package: 'docker.io', version: /version ([^,\s]+)/ },
  docker: { package: 'docker.io', version: /version ([^,\s]+)/ },
  h2load: { package: 'nghttp2-client', version: /nghttp2\/(\S+)/ },
} as const;

export type InstalledProgram = keyof typeof PROGRAMS;

/** Says why programs cannot be started and what to install; undefined if they can. */
export function missing(...names: readonly InstalledProgram[]): string | undefined {
  const asRoot = names.find((name) => name === 'containerd' || name === 'dockerd');
  if (asRoot !== undefined && process.getuid?.() !== 0) return `${asRoot} runs as root`;
  const absent = names.filter((name) => !isInstalled(name));
  if (absent.length === 0) return undefined;
  const packages = absent.map((name) => PROGRAMS[name].package);
  return `no ${absent.join(', ')} here: apt-get install ${packages.join(' ')}`;
}

/** Version of a program; empty if it is not installed. */
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
