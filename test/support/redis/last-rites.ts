import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Remembers the last line that it was told, and when there is nobody left to tell it more, kills those. */
const SCRIPT =
  'while read -r pids; do last=$pids; done; [ -z "$last" ] || kill -9 $last 2>/dev/null';

const alive = new Set<number>();
let watcher: ChildProcess | undefined;

/**
 * Kills a process when this one ends, however it ends. A process that was killed itself can do nothing any more, so a shell
 * does it, in a process group of its own.
 */
export function outliveNever(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  alive.add(pid);
  tell();
  child.once('exit', () => {
    alive.delete(pid);
    tell();
  });
}

function tell(): void {
  watcher ??= startWatcher();
  watcher.stdin?.write(`${[...alive].join(' ')}\n`);
}

function startWatcher(): ChildProcess {
  const shell = spawn('sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  // A pipe to a child is a socket, which would keep this process running.
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}
