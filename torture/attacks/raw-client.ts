import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Settings,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { frame } from '../../test/support/raw-http2.js';

/** Receive window of a connection, large enough that only the broker limits the speed. */
const WINDOW_BYTES = 16 * 1024 * 1024;

export const PUBLISH = '/containerd.services.events.v1.Events/Publish';
export const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';
export const APPEND = '/foghorn.v1.History/Append';
export const READ = '/foghorn.v1.History/Read';

/** An HTTP/2 connection that does what no gRPC library would do. It survives being cut. */
export class RawClient {
  readonly #session: ClientHttp2Session;

  constructor(socket: string, settings: Settings = { initialWindowSize: WINDOW_BYTES }) {
    this.#session = connect('http://localhost', {
      settings,
      createConnection: () => connectSocket(socket),
    });
    this.#session.on('error', () => {});
    this.#session.once('connect', () => {
      this.#session.setLocalWindowSize(WINDOW_BYTES);
    });
  }

  get closed(): boolean {
    return this.#session.closed || this.#session.destroyed;
  }

  /** Sends the headers of a call. */
  open(path: string, namespace = 'attack'): ClientHttp2Stream {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'containerd-namespace': namespace,
    });
    stream.on('error', () => {});
    return stream;
  }

  /** Sends a message and reads the answer to its end. Resolves with the status, if there is one. */
  async call(path: string, message: Uint8Array, namespace?: string): Promise<string> {
    if (this.closed) return 'cut';
    const stream = this.open(path, namespace);
    let status = 'cut';
    const keep = (headers: Record<string, unknown>): void => {
      if (typeof headers['grpc-status'] === 'string') status = headers['grpc-status'];
    };
    stream.on('response', keep).on('trailers', keep).resume();
    stream.end(frame(message));
    await new Promise((resolve) => stream.once('close', resolve));
    return status;
  }

  close(): void {
    this.#session.destroy();
  }
}
