import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Compatible servers, the usual one first. */
const SERVERS = ['redis-server', 'valkey-server'];

/** Package managers and their commands to install a server without prompts. */
const INSTALLERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'apt-get': [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'],
  ],
  apk: [['add', '--quiet', 'redis']],
  dnf: [['install', '-y', '-q', 'redis']],
};

let command: Promise<string> | undefined;

/**
 * The program that tests start as Redis: the value of REDIS_SERVER, else the first of redis-server
 * and valkey-server on the PATH, else, for root with a package manager, one that is installed now.
 * Otherwise throws an error that says what to install, so that no test is skipped silently.
 *
 * REDIS_URL is not used here. It names a shared Redis, where the conformance suite has its own
 * keys; tests that stop, fill or damage a Redis always start a process of their own.
 */
export function redisServerCommand(): Promise<string> {
  command ??= findOrInstall();
  return command;
}

async function findOrInstall(): Promise<string> {
  const named = process.env.REDIS_SERVER;
  if (named !== undefined && named !== '') return named;
  const found = findServer();
  if (found !== undefined) return found;
  const why = await install();
  const installed = findServer();
  if (installed !== undefined) return installed;
  throw new Error(
    `the tests need a real Redis, and ${why}. Install redis-server (apt-get install redis-server, apk add redis, ` +
      'dnf install redis, brew install redis) or valkey-server, or name its path in REDIS_SERVER',
  );
}

/** Returns the reason for a failure. */
async function install(): Promise<string> {
  const none = `there is no ${SERVERS.join(' or ')} on the PATH`;
  if (process.getuid?.() !== 0) return none;
  const installer = Object.keys(INSTALLERS).find((name) => findOnPath(name) !== undefined);
  if (installer === undefined) return none;
  console.error(`${none}: installing one with ${installer}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    for (const args of INSTALLERS[installer] ?? []) await run(installer, args, { env });
    return none;
  } catch (error) {
    return `${none}, and ${installer} could not install one: ${(error as Error).message.trim()}`;
  }
}

function findServer(): string | undefined {
  for (const name of SERVERS) {
    const path = findOnPath(name);
    if (path !== undefined) return path;
  }
  return undefined;
}

function findOnPath(name: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
