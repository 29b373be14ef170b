const TEXT = 'this port speaks HTTP/2 without an upgrade from HTTP/1, as gRPC does\n';

/** The answer to a client that speaks HTTP/1. */
export const HTTP1_ANSWER = [
  'HTTP/1.1 400 Bad Request',
  'content-type: text/plain; charset=utf-8',
  `content-length: ${TEXT.length}`,
  'connection: close',
  '',
  TEXT,
].join('\r\n');
