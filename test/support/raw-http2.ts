import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';

/** An HTTP/2 connection without a gRPC library, for behaviour that a library prevents. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;

  /** `unix:///path` or `host:port`. */
  constructor(address: string) {
    this.#socket = openSocket(address);
    this.#socket.on('error', () => {});
    this.#session = connect('http://localhost', { createConnection: () => this.#socket });
    this.#session.on('error', () => {});
  }

  /** Opens a gRPC call and sends its headers. The answer is not read until a listener is added. */
  open(path: string, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => {});
    return stream;
  }

  /** Calls a method with one message. */
  call(path: string, message: Uint8Array, headers?: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.open(path, headers);
    stream.end(frame(message));
    return stream;
  }

  /** Cuts the connection, as the death of a process does. */
  kill(): void {
    this.#socket.destroy();
    this.#session.destroy();
  }
}

/** Opens a socket to a server's address. */
export function openSocket(address: string): Socket {
  const path = /^unix:\/\/(.+)$/.exec(address)?.[1];
  if (path !== undefined) return connectSocket(path);
  const [, host, port] = /^(.+):(\d+)$/.exec(address)!;
  return connectSocket(Number(port), host);
}

/** Returns a message with gRPC's length prefix. */
export function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Extracts gRPC messages from a stream of bytes. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** Returns the messages that these bytes complete. */
  push(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    let at = 0;
    while (at + 5 <= this.#rest.length) {
      const end = at + 5 + this.#rest.readUInt32BE(at + 1);
      if (end > this.#rest.length) break;
      messages.push(this.#rest.subarray(at + 5, end));
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
    return messages;
  }
}
