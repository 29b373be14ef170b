import type { Logger } from 'pino';
import type { Edge } from '../edge.js';
import { HttpRouter } from './http-router.js';
import { HttpServers } from './http-servers.js';
import type { HttpRoute } from './route.js';

/** Foghorn's own HTTP server: the routes it is given. */
export class HttpEdge implements Edge {
  readonly #servers: HttpServers;

  /** @param drainMs how long clients have to receive what is on its way to them when it closes */
  constructor(routes: readonly HttpRoute[], drainMs: number, log: Logger) {
    this.#servers = new HttpServers(new HttpRouter(routes, log).answer, drainMs);
  }

  async listen(address: string): Promise<string> {
    const listening = await this.#servers.listen(address);
    return listening.startsWith('unix:') ? listening : `http://${listening}`;
  }

  drain(): void {
    this.#servers.drain();
  }

  close(): Promise<void> {
    return this.#servers.close();
  }
}
