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
 * Answers calls of these methods on their HTTP/2 streams. This bypasses grpc-js, whose overhead
 * per call exceeds our own work. grpc-js still gets calls of other methods, compressed calls, and
 * all calls where its HTTP/2 servers are not accessible, so it needs these methods, too. Call this
 * after each bind. See docs/decisions/0019-unary-calls-bypass-grpc-js.md.
 */
export function takeUnaryCalls(server: Server, methods: readonly UnaryMethod[], log: Logger): void {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  for (const http2Server of http2ServersOf(server)) {
    if (taken.has(http2Server)) continue;
    taken.add(http2Server);
    const others = http2Server.listeners('stream') as StreamListener[];
    // Without a listener of grpc-js, the calls left to it would never be answered.
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

/** Whether a call needs nothing that only grpc-js does. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  return (
    headers[':method'] === 'POST' &&
    headers['content-type']?.startsWith('application/grpc') === true &&
    headers['grpc-encoding'] === undefined &&
    !Number.isNaN(timeLimit(headers))
  );
}
