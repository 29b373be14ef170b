import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { AnswerProbe } from './answer-probe.js';

/** Query parameters to be percent-encoded, or a complete query string. */
export type Query = Readonly<Record<string, string>> | string;

export interface DockerRequest {
  /** API version, such as `1.51`; undefined for a path without one. */
  readonly version?: string;
  readonly query?: Query;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | undefined;
}

export interface DockerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A client of the Docker API on the wire level, with its own persistent connections. */
export class DockerClient {
  readonly #agent = new Agent({ keepAlive: true });

  readonly #where: Pick<RequestOptions, 'socketPath' | 'host' | 'port'>;

  /** @param address path of a socket, or host:port */
  constructor(address: string) {
    const [host, port] = address.split(':');
    this.#where = port === undefined ? { socketPath: address } : { host, port };
  }

  /** Sends a request whose answer may still be open. */
  open(
    method: string,
    path: string,
    { version, query = '', headers = {}, body }: DockerRequest = {},
  ): AnswerProbe {
    const text = typeof query === 'string' ? query : new URLSearchParams(query).toString();
    const target = `${version === undefined ? '' : `/v${version}`}${path}${text && `?${text}`}`;
    const sent = request({ ...this.#where, agent: this.#agent, method, path: target, headers });
    sent.end(body);
    return new AnswerProbe(sent);
  }

  /** Resolves when the answer is complete. */
  async ask(method: string, path: string, options?: DockerRequest): Promise<DockerAnswer> {
    const answer = this.open(method, path, options);
    const { status, headers } = await answer.head;
    return { status, headers, body: await answer.text() };
  }

  /** Resolves with the JSON of the answer to a GET. */
  async json(path: string, options?: DockerRequest): Promise<unknown> {
    const { body } = await this.ask('GET', path, options);
    return JSON.parse(body);
  }

  /** Follows GET /events. */
  events(query: Query = '', options: Omit<DockerRequest, 'query'> = {}): AnswerProbe {
    return this.open('GET', '/events', { ...options, query });
  }

  /** Resolves with all past events as lines. */
  async history(
    query: Readonly<Record<string, string>> = {},
    options: Omit<DockerRequest, 'query'> = {},
  ): Promise<readonly string[]> {
    return this.events({ since: '0', stream: 'false', ...query }, options).toEnd();
  }

  /** Waits for a container; the answer is one line. */
  wait(name: string, query: Query = '', options: Omit<DockerRequest, 'query'> = {}): AnswerProbe {
    return this.open('POST', `/containers/${encodeURIComponent(name)}/wait`, { ...options, query });
  }

  /** Destroys all connections. */
  close(): void {
    this.#agent.destroy();
  }
}
