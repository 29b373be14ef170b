import type { PassCall } from '../router.js';
import { PassedCall, type Substitute } from './passed-call.js';
import { Upstream } from './upstream.js';

/** The server that calls of unknown methods pass on to. */
export interface PassTarget {
  /** `unix:///path` or `host:port`. */
  readonly address: string;
  /** By path: answers to calls whose subject that server does not know. */
  readonly substitutes: ReadonlyMap<string, Substitute>;
}

/** Passes calls on, over one connection. */
export class PassOn {
  readonly #server: Upstream;

  constructor(private readonly target: PassTarget) {
    this.#server = new Upstream(target.address);
  }

  readonly pass: PassCall = (stream, identity, interceptors) => {
    const substitute = this.target.substitutes.get(stream.headers.path);
    const call = new PassedCall(stream, identity, interceptors, this.#server, substitute);
    stream.handler = call;
    call.begin();
  };

  close(): void {
    this.#server.close();
  }
}
