import { join } from 'node:path';
import { startContainerd } from '../../bench/servers/containerd.js';
import { Program } from '../../bench/support/program.js';
import type { Defer } from '../../bench/support/resources.js';
import { temporaryDirectory } from '../../bench/support/temporary-directory.js';
import { Authority } from '../../test/support/access/authority.js';
import { builtMain, builtProgram } from '../../test/support/processes/build.js';

/** A running server, alone in its process. */
export interface AttackedServer {
  readonly pid: number;
  /** Path of its socket. */
  readonly socket: string;
  /** `host:port` where it speaks TLS; undefined if it does not. */
  readonly tls?: string;
}

/** The servers of the table. */
export const SERVERS: Readonly<Record<string, (defer: Defer) => Promise<AttackedServer>>> = {
  Foghorn: startFoghorn,
  'node:http2': startNodeHttp2,
  containerd: startContainerd,
};

async function startFoghorn(defer: Defer): Promise<AttackedServer> {
  const directory = temporaryDirectory(defer);
  const socket = join(directory, 'socket');
  const authority = new Authority();
  defer(() => {
    authority.remove();
  });
  const { cert, key } = authority.server();
  const broker = Program.node('the broker', [
    ...[await builtMain(), 'serve', '--store', `lmdb:${directory}/store`, '--http', 'none'],
    ...['--grpc', `unix://${socket}`, '--grpc', '127.0.0.1:0', '--log-level', 'error'],
    ...['--tls-cert', cert, '--tls-key', key, '--tls-client-ca', authority.ca],
  ]);
  defer(() => broker.kill());
  const tls = await broker.line('listening on 127.0.0.1:');
  return { pid: broker.pid, socket, tls: tls.replace('listening on ', '') };
}

async function startNodeHttp2(defer: Defer): Promise<AttackedServer> {
  const socket = join(temporaryDirectory(defer), 'socket');
  const program = await builtProgram('bench/loads/http2-nothing');
  const server = Program.node('node:http2', [program, JSON.stringify({ socket })]);
  defer(() => server.kill());
  await server.line('listening');
  return { pid: server.pid, socket };
}
