import type { Server } from '@grpc/grpc-js';
import type { Http2Server } from 'node:http2';
import type { Socket } from 'node:net';
import { http2ServersOf } from './http2-servers.js';

/**
 * A gRPC server's connections, to cut those that are left in the end: a connection that was ended stays until its other
 * side ends it too, which a process that stands still never does.
 */
export class Connections {
  readonly #watched = new WeakSet<Http2Server>();
  readonly #open = new Set<Socket>();

  /** Call it after each bind. */
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
