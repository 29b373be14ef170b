import type { Logger } from 'pino';
import type { CountCall, Edge } from '../edge.js';
import type { Listeners } from '../listen/listeners.js';
import { HttpRouter } from './http-router.js';
import { HttpServers } from './http-servers.js';
import type { HttpRoute } from './route.js';

/** Foghorn's own HTTP server: the routes it is given. */
export class HttpEdge implements Edge {
  readonly #servers: HttpServers;

  /** @param drainMs how long clients have to receive what is on its way to them when it closes */
  constructor(
    routes: readonly HttpRoute[],
    listeners: Listeners,
    drainMs: number,
    log: Logger,
    countCall: CountCall = () => undefined,
  ) {
    const router = new HttpRouter(routes, log, countCall);
    this.#servers = new HttpServers(router.answer, listeners, drainMs, isProbe);
  }

  async listen(address: string): Promise<string> {
    const { address: listening, isSecure } = await this.#servers.listen(address);
    if (listening.startsWith('unix:')) return listening;
    return `${isSecure ? 'https' : 'http'}://${listening}`;
  }

  drain(): void {
    this.#servers.drain();
  }

  close(): Promise<void> {
    return this.#servers.close();
  }
}

/** Probes have no identity, and learn nothing but whether events can be stored. */
function isProbe(url: string): boolean {
  return /^\/(?:healthz|readyz)(?:\?|$)/.test(url);
}
