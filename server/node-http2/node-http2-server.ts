import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import {
  DEFAULT_OPTIONS,
  type Http2Options,
  type Http2Server,
  type RequestListener,
} from '../http2/index.js';
import { NodeConnection } from './node-connection.js';
import { NodeStream } from './node-stream.js';

/**
 * The arguments of `stream`. The last one, names and values in turn, is missing in Node's types.
 */
type StreamEvent = [ServerHttp2Stream, IncomingHttpHeaders, number, string[]];

/**
 * Serves HTTP/2 by `node:http2`, for `--http2 node`. Of the options it has those that Node has: the
 * number of streams and the keepalive times.
 */
export function createNodeHttp2Server(
  listener: RequestListener,
  options: Partial<Http2Options> = {},
): Http2Server {
  const { maxConcurrentStreams, keepaliveTime, keepaliveTimeout } = {
    ...DEFAULT_OPTIONS,
    ...options,
  };
  const connections = new Map<ServerHttp2Session, NodeConnection>();
  const open = new Set<NodeConnection>();
  const server = createServer({ settings: { maxConcurrentStreams } });
  const add = (session: ServerHttp2Session, connection: NodeConnection): void => {
    connections.set(session, connection);
    open.add(connection);
    session.once('close', () => {
      connections.delete(session);
      open.delete(connection);
    });
  };
  server.on('stream', (...[stream, , , rawHeaders]: StreamEvent) => {
    const connection = connections.get(stream.session as ServerHttp2Session);
    if (connection !== undefined) listener(new NodeStream(stream, rawHeaders, connection));
  });
  return {
    connections: open,
    accept(socket: Socket, context?: unknown) {
      // Node makes the session before this returns.
      server.once('session', (session) => {
        const times = { keepaliveTime, keepaliveTimeout };
        const connection = new NodeConnection(session, socket, times);
        connection.context = context;
        add(session, connection);
      });
      server.emit('connection', socket);
    },
    async drain() {
      await Promise.all([...open].map((connection) => connection.drained()));
    },
    destroy() {
      for (const connection of open) connection.destroy();
    },
  };
}
