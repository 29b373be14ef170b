import { readFile, readlink } from 'node:fs/promises';

/**
 * Listening unix sockets that a service manager made and keeps, see sd_listen_fds(3): their file
 * descriptors by their paths. Connections wait in them while the broker restarts, whatever ended
 * it.
 */
export type InheritedSockets = ReadonlyMap<string, number>;

const FIRST_FD = 3;
/** A listening socket in /proc/net/unix: its inode and its path. */
const LISTENING = /^\S+: \S+ \S+ 00010000 \S+ \S+ +(\d+) (.+)$/;

/**
 * Finds the sockets that were handed over to this process. Ignores those for another process, which
 * left its environment to this one.
 */
export async function inheritedSockets(
  { LISTEN_PID, LISTEN_FDS }: Readonly<Record<string, string | undefined>>,
  pid: number,
): Promise<InheritedSockets> {
  const sockets = new Map<string, number>();
  if (LISTEN_PID !== String(pid)) return sockets;
  const paths = await listeningPaths();
  for (let fd = FIRST_FD; fd < FIRST_FD + Number(LISTEN_FDS); fd++) {
    const link = await readlink(`/proc/self/fd/${fd}`).catch(() => '');
    const path = paths.get(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '');
    if (path !== undefined) sockets.set(path, fd);
  }
  return sockets;
}

/** Paths of all listening unix sockets, by the numbers of their inodes. */
async function listeningPaths(): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const line of (await readFile('/proc/net/unix', 'utf8')).split('\n')) {
    const [, inode, path] = LISTENING.exec(line) ?? [];
    if (inode !== undefined && path !== undefined) paths.set(inode, path);
  }
  return paths;
}
