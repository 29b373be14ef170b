import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { FoghornError } from '../../../protocol/errors.js';
import type { RequestHeaders } from '../../http2/index.js';

/** Bytes of a response that may be on their way, for one call. */
const STREAM_WINDOW = 1024 * 1024;
/**
 * Bytes that may be on their way for all calls. Larger than all windows of calls together, so that
 * a client that does not read stops its own calls only.
 */
const CONNECTION_WINDOW = 2 ** 31 - 1;
/** Node's own limit of memory for a connection would refuse calls, in MB. */
const MAX_MEMORY_MB = 1024;

/** A server that calls pass on to: one HTTP/2 connection for all of them. */
export class Upstream {
  #session: ClientHttp2Session | undefined;

  /** @param address `unix:///path` or `host:port` */
  constructor(readonly address: string) {}

  /**
   * Begins a call with the header fields of another, except its credential, which is for this
   * broker.
   */
  request({ path, authority, fields }: RequestHeaders): ClientHttp2Stream {
    const headers: Record<string, string | string[]> = {
      ':method': 'POST',
      ':path': path,
      ':scheme': 'http',
      ':authority': authority ?? 'localhost',
    };
    for (const { name, value } of fields) {
      if (name === 'authorization') continue;
      const known = headers[name];
      headers[name] = known === undefined ? value : [known, value].flat();
    }
    return this.#connected().request(headers, { endStream: false });
  }

  /** The error of a call that lost its connection. */
  away(cause: Error): FoghornError {
    const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
    const text = `containerd at ${this.address} is not available: ${reason}`;
    return new FoghornError('UNAVAILABLE', text, { cause });
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #connected(): ClientHttp2Session {
    const current = this.#session;
    if (current !== undefined && !current.closed && !current.destroyed) return current;
    const session = connect('http://localhost', {
      createConnection: () => connectSocket(placeOf(this.address)),
      maxSessionMemory: MAX_MEMORY_MB,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    });
    const forget = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    session.once('connect', () => {
      session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    // Its calls report the error; those that go on may end after a GOAWAY.
    session.on('error', forget);
    session.once('goaway', forget);
    session.once('close', forget);
    // An idle connection must not keep the process.
    session.unref();
    this.#session = session;
    return session;
  }
}

function placeOf(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith('unix://')) return { path: address.slice('unix://'.length) };
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(address.slice(colon + 1)) };
}
