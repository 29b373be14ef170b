import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Makes a listening unix socket and has a child inherit it. Does not accept its connections itself:
 * they wait until the child, or a child of its, does.
 *
 * @param spawn starts the child with this file descriptor in its `stdio`
 */
export async function handOverSocket<Child>(
  path: string,
  spawn: (fd: number) => Child,
): Promise<Child> {
  const server = createServer().listen(path);
  await once(server, 'listening');
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const child = spawn(fd);
  // A server removes its file when it closes.
  const aside = `${path}.kept`;
  renameSync(path, aside);
  server.close();
  await once(server, 'close');
  renameSync(aside, path);
  return child;
}
