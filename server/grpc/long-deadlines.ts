import type { Server } from '@grpc/grpc-js';
import type { Http2Server, IncomingHttpHeaders } from 'node:http2';
import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { http2ServersOf } from './http2-servers.js';
import { timeLimit, TIMEOUT } from './time-limit.js';

const guarded = new WeakSet<Http2Server>();

/**
 * Lets calls live whose deadline lies beyond what a timer can wait: grpc-js would set one anyway, and Node would fire it at
 * once. Takes the deadline out of the headers before grpc-js sees it; where the HTTP/2 servers cannot be had, such calls end
 * at once, as they would without this. Call it after each bind.
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
