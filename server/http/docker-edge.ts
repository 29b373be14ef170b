import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import { Containers } from '../docker/containers.js';
import { DockerEvents } from '../docker/docker-events.js';
import type { RunSource } from '../runs/exit-wait.js';
import type { Edge } from '../edge.js';
import { answerRequest } from './docker/router.js';
import type { DockerApi } from './docker/api.js';
import { HttpServers } from './http-servers.js';

/** The oldest supported version of the API. */
const MIN_API_VERSION = '1.24';

export interface DockerEdgeOptions {
  /** The containerd namespace that Docker clients see. */
  readonly namespace: string;
  /** The newest supported version of the API. */
  readonly apiVersion: string;
  /** Foghorn's version. */
  readonly version: string;
  /** How long clients have to receive what is on its way to them when it closes. */
  readonly drainMs: number;
}

/** The HTTP servers for Docker clients, one for each address. */
export class DockerEdge implements Edge {
  readonly #api: DockerApi;
  readonly #servers: HttpServers;

  constructor(
    { broker, recorders }: RunSource,
    clock: Clock,
    { namespace, apiVersion, version, drainMs }: DockerEdgeOptions,
    log: Logger,
  ) {
    const events = new DockerEvents(broker, namespace, log);
    const source = { broker, recorders, events, namespace, clock, log };
    const versions = { min: MIN_API_VERSION, max: apiVersion };
    this.#api = { source, containers: new Containers(source), versions, version, log };
    this.#servers = new HttpServers((message, response, caller, gone) => {
      void answerRequest(this.#api, message, response, caller, gone);
    }, drainMs);
  }

  listen(address: string): Promise<string> {
    return this.#servers.listen(address);
  }

  async close(): Promise<void> {
    this.#api.containers.close();
    await this.#servers.close();
  }
}
