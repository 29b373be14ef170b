import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Cleanup } from '../support/processes/cleanup.js';

/** Requests that the history answers; the others go to the engine. */
const OF_THE_HISTORY = /^(\/v[\d.]+)?\/(events|containers\/[^/]+\/wait)(\?|$)/;

/**
 * A Docker socket in front of Foghorn and an engine: Foghorn answers requests about exits, the
 * engine all others, such as start and attach.
 *
 * @param socket path where it listens
 */
export async function startEngineProxy(
  socket: string,
  foghorn: string,
  dockerd: string,
  cleanup: Cleanup,
): Promise<void> {
  const open = new Set<Socket>();
  const server: Server = createServer((asked, answer) => {
    pass(asked, answer, OF_THE_HISTORY.test(asked.url ?? '') ? foghorn : dockerd);
  });
  server.on('upgrade', (asked: IncomingMessage, client: Socket, head: Buffer) => {
    tunnel(asked, client, head, dockerd);
  });
  server.on('connection', (connection) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
  });
  server.listen(socket);
  await once(server, 'listening');
  cleanup.defer(async () => {
    for (const connection of open) connection.destroy();
    server.close();
    await once(server, 'close');
  });
}

function pass(asked: IncomingMessage, answer: ServerResponse, socketPath: string): void {
  const { method, url, headers } = asked;
  const passed = request({ socketPath, method, path: url, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    answer.flushHeaders();
    // An answer that is cut off is cut off for the client, too.
    pipeline(got, answer, () => undefined);
  });
  passed.on('error', () => answer.destroy());
  answer.on('close', () => passed.destroy());
  asked.pipe(passed);
}

/** An attach takes over the connection; after it, bytes pass unchanged in both directions. */
function tunnel(asked: IncomingMessage, client: Socket, head: Buffer, path: string): void {
  const engine = connect(path);
  engine.write(`${asked.method ?? ''} ${asked.url ?? ''} HTTP/1.1\r\n`);
  for (let i = 0; i < asked.rawHeaders.length; i += 2) {
    engine.write(`${asked.rawHeaders[i] ?? ''}: ${asked.rawHeaders[i + 1] ?? ''}\r\n`);
  }
  engine.write('\r\n');
  engine.write(head);
  engine.pipe(client).pipe(engine);
  for (const end of [engine, client]) {
    end.on('error', () => {
      engine.destroy();
      client.destroy();
    });
  }
}
