import { createServer } from 'node:http2';
import type { NothingSettings } from './grpc-nothing.js';

/** An empty message with gRPC's prefix. */
const ANSWER = Buffer.alloc(5);

/* What Node's own HTTP/2 takes for a gRPC call alone: it answers every call when it has its message, and does nothing. */
const { socket } = JSON.parse(process.argv[2] ?? '') as NothingSettings;
const server = createServer();
server.on('stream', (stream) => {
  stream.resume();
  stream.on('end', () => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': '0' });
    });
    stream.end(ANSWER);
  });
});
server.listen(socket, () => {
  console.log('listening');
});
process.once('SIGTERM', () => process.exit());
