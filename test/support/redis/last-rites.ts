import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Remembers the last line of its input; at end of input, kills the process groups in it. */
const SCRIPT =
  'while read -r pids; do last=$pids; done; [ -z "$last" ] || kill -9 $last 2>/dev/null';

const alive = new Set<number>();
let watcher: ChildProcess | undefined;

/**
 * Kills a process when this one ends, however it ends. This process cannot do it after being
 * killed, so a shell in a process group of its own does.
 */
export function outliveNever(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  alive.add(pid);
  report();
  child.once('exit', () => {
    alive.delete(pid);
    report();
  });
}

function report(): void {
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
