import type { Server } from '@grpc/grpc-js';
import type { Http2Server, IncomingHttpHeaders } from 'node:http2';
import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { http2ServersOf } from './http2-servers.js';
import { timeLimit, TIMEOUT } from './time-limit.js';

const guarded = new WeakSet<Http2Server>();

/**
 * Removes deadlines that are longer than a timer can wait from a call's headers, before grpc-js
 * sees them. grpc-js would set a timer that Node fires at once. Does nothing for a version of
 * grpc-js without accessible HTTP/2 servers. Call this after each bind.
 */
export function ignoreLongDeadlines(server: Server): void {
  for (const http2Server of http2ServersOf(server)) {
    if (guarded.has(http2Server)) continue;
    guarded.add(http2Server);
    http2Server.prependListener('stream', (_stream, headers) => {
      if (isTooLong(headers)) Reflect.deleteProperty(headers, TIMEOUT);
    });
  }
}

function isTooLong(headers: IncomingHttpHeaders): boolean {
  return headers[TIMEOUT] !== undefined && timeLimit(headers) > LONGEST_TIMER_MS;
}
