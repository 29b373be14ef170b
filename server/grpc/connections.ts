import type { Server } from '@grpc/grpc-js';
import type { Http2Server } from 'node:http2';
import type { Socket } from 'node:net';
import { http2ServersOf } from './http2-servers.js';

/**
 * The connections of a gRPC server, so that a drain can cut those that remain. A connection that
 * the server has ended stays until the client ends it too, which a stopped process never does.
 */
export class GrpcConnections {
  readonly #watched = new WeakSet<Http2Server>();
  readonly #open = new Set<Socket>();

  /** Call this after each bind. */
  watch(server: Server): void {
    for (const http2Server of http2ServersOf(server)) {
      if (this.#watched.has(http2Server)) continue;
      this.#watched.add(http2Server);
      http2Server.on('connection', this.#add);
    }
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  readonly #add = (socket: Socket): void => {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  };
}
