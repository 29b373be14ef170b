import type { Server } from '@grpc/grpc-js';
import type { Http2Server } from 'node:http2';

/**
 * The HTTP/2 servers under a gRPC server, one for each bind. They are a private field of grpc-js,
 * so the result is empty for a version without it.
 */
export function http2ServersOf(server: Server): Iterable<Http2Server> {
  const { http2Servers } = server as unknown as { http2Servers?: unknown };
  return http2Servers instanceof Map ? (http2Servers.keys() as Iterable<Http2Server>) : [];
}
