import type { Server } from '@grpc/grpc-js';
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import type { UnaryMethod } from '../../services/service.js';
import { http2ServersOf } from '../http2-servers.js';
import { timeLimit } from '../time-limit.js';
import { UnaryCall } from './unary-call.js';

type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
) => void;

const taken = new WeakSet<Http2Server>();

/**
 * Answers calls of these methods on their HTTP/2 streams, past grpc-js, for which a call is dearer than all that we do for it. It
 * gets every other call, and also those of them that need what only it can do. Where the HTTP/2 servers cannot be had it gets
 * all, so it must have the methods as well. Call it after each bind. See docs/decisions/0019-unary-calls-beside-grpc-js.md.
 */
export function takeUnaryCalls(server: Server, methods: readonly UnaryMethod[], log: Logger): void {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  for (const http2Server of http2ServersOf(server)) {
    if (taken.has(http2Server)) continue;
    taken.add(http2Server);
    const others = http2Server.listeners('stream') as StreamListener[];
    // Where grpc-js does not listen, nobody would answer what is left to it.
    if (others.length === 0) continue;
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream, headers, flags) => {
      const method = byPath.get(headers[':path'] ?? '');
      if (method !== undefined && isPlain(headers)) {
        new UnaryCall(stream, headers, method, log);
      } else {
        for (const listener of others) listener.call(http2Server, stream, headers, flags);
      }
    });
  }
}

/** Whether a call is nothing but gRPC as everybody speaks it. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  return (
    headers[':method'] === 'POST' &&
    headers['content-type']?.startsWith('application/grpc') === true &&
    headers['grpc-encoding'] === undefined &&
    !Number.isNaN(timeLimit(headers))
  );
}
