import { createServer } from 'node:http2';
import type { NothingSettings } from './grpc-nothing.js';

/** An empty message with gRPC's prefix. */
const EMPTY_ANSWER = Buffer.alloc(5);

/*
 * A node:http2 server that answers every gRPC call and does nothing else: the floor of Node's
 * HTTP/2.
 */
const { socket } = JSON.parse(process.argv[2] ?? '') as NothingSettings;
const server = createServer();
server.on('stream', (stream) => {
  stream.resume();
  stream.on('error', () => undefined);
  stream.on('end', () => {
    if (stream.destroyed) return;
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': '0' });
    });
    stream.end(EMPTY_ANSWER);
  });
});
server.listen(socket, () => {
  console.log('listening');
});
process.once('SIGTERM', () => process.exit());
