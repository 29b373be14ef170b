import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '../support/processes/child.js';
import { eventually } from '../support/eventually.js';

/**
 * Kills the containers and shims that a stopped containerd left running, and removes their mounts.
 *
 * @param directory directory of that containerd's socket and state
 */
export async function removeLeftovers(directory: string): Promise<void> {
  const leftovers = [...(await shims(directory)), ...(await containerProcesses(directory))];
  for (const pid of leftovers) signalProcess(pid, 'SIGKILL');
  await eventually(async () => (await shims(directory)).length === 0);
  for (const mount of await mounts(directory)) {
    await new Child('umount', ['--lazy', mount]).succeeded();
  }
}

/**
 * Returns the pids of the shims of a containerd: the command line of each names its socket.
 *
 * @param directory directory of that containerd's socket and state
 */
export async function shims(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const commandLines = await Promise.all(pids.map((pid) => readIfThere(`/proc/${pid}/cmdline`)));
  return pids.filter((_, index) => {
    const [command = '', ...args] = commandLines[index]!.split('\0');
    return command.includes('containerd-shim') && args.some((arg) => arg.startsWith(directory));
  });
}

async function containerProcesses(directory: string): Promise<number[]> {
  const state = join(directory, 'state');
  const files = await readdir(state, { recursive: true }).catch(() => []);
  const pidFiles = files.filter((file) => file.endsWith('/init.pid'));
  const pids = await Promise.all(pidFiles.map((file) => readIfThere(join(state, file))));
  return pids.map(Number).filter((pid) => pid > 1);
}

/** Sends a signal to a process, which may have ended by itself. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Mount points, innermost first. */
async function mounts(directory: string): Promise<string[]> {
  const table = await readFile('/proc/self/mounts', 'utf8');
  const paths = table.split('\n').map((line) => line.split(' ')[1] ?? '');
  return paths.filter((path) => path.startsWith(`${directory}/`)).reverse();
}

/** Returns the text of a file; empty when it does not exist, as after the end of a process. */
function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
