import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import type { EngineAddress } from '../../protocol/engine-address.js';
import { Containers } from '../docker/containers.js';
import { DockerEvents } from '../docker/docker-events.js';
import type { RunSource } from '../runs/exit-wait.js';
import type { CountCall, Edge } from '../edge.js';
import { ClientErrors } from '../internal-error.js';
import type { Listeners } from '../listen/listeners.js';
import { answerRequest } from './docker/router.js';
import type { DockerApi } from './docker/api.js';
import { EngineClient } from './engine/engine-client.js';
import { EngineFront } from './engine/engine-front.js';
import { EngineRouter } from './engine/engine-router.js';
import { LocalStream } from './engine/local-stream.js';
import { readDockerAddress } from './engine/socket-filter.js';
import { HttpServers, type AnswerRequest } from './http-servers.js';

/** The oldest supported version of the API, where no engine has one of its own. */
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
  /** The engine that answers what history cannot; undefined for history alone. */
  readonly engine: EngineAddress | undefined;
}

/** The HTTP servers for Docker clients, one for each address. */
export class DockerEdge implements Edge {
  readonly #api: DockerApi;
  readonly #servers: HttpServers;
  readonly #engine: EngineClient | undefined;
  /** Takes the connections whose requests are routed or judged. */
  readonly #front: EngineFront;

  constructor(
    runs: RunSource,
    clock: Clock,
    { namespace, apiVersion, version, drainMs, engine }: DockerEdgeOptions,
    listeners: Listeners,
    log: Logger,
    countCall: CountCall = () => undefined,
  ) {
    const events = new DockerEvents(runs.broker, namespace, log);
    const source = { ...runs, events, namespace, clock, log };
    const versions = { min: MIN_API_VERSION, max: apiVersion };
    const containers = new Containers(source);
    const client = engine && new EngineClient(engine);
    const errors = new ClientErrors(log);
    this.#engine = client;
    this.#api = {
      source,
      containers,
      versions,
      version,
      errors,
      countCall,
      hasEngine: client !== undefined,
      ...(client && {
        waitAtEngine: (id, condition, signal) => client.wait(id, condition, signal),
      }),
    };
    const answer: AnswerRequest = (message, response, caller, gone) => {
      const answerIn = (api: DockerApi) => answerRequest(api, message, response, caller, gone);
      if (this.#engine === undefined) void answerIn(this.#api);
      else void this.#apiBeside(this.#engine).then(answerIn);
    };
    this.#servers = new HttpServers(answer, listeners, drainMs);
    this.#front = this.#makeFront(listeners, drainMs, log);
  }

  /** See `Edge.listen`. The query of an address may limit what it allows. */
  async listen(text: string): Promise<string> {
    const address = readDockerAddress(text);
    if (this.#engine !== undefined || address.filter !== undefined) {
      return this.#front.listen(address);
    }
    return (await this.#servers.listen(address.address)).address;
  }

  async close(): Promise<void> {
    this.#api.containers.close();
    await Promise.all([this.#servers.close(), this.#front.close()]);
    this.#engine?.close();
  }

  #makeFront(listeners: Listeners, drainMs: number, log: Logger): EngineFront {
    const router = new EngineRouter(this.#api, this.#engine);
    const refusalFields = (): string[] => {
      const facts = this.#engine?.knownFacts;
      return facts === undefined ? [] : [`Api-Version: ${facts.versions.max}`];
    };
    const { errors } = this.#api;
    const rest = { engine: this.#engine?.address, route: router.route, refusalFields, log, errors };
    const local = this.#servers.detached((stream) =>
      stream instanceof LocalStream ? stream.access : undefined,
    );
    return new EngineFront(local, rest, listeners, drainMs);
  }

  /** Answers beside an engine are given in the engine's versions. */
  async #apiBeside(engine: EngineClient): Promise<DockerApi> {
    const facts = await engine.facts();
    return facts === undefined ? this.#api : { ...this.#api, ...facts };
  }
}
