import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { AnswerProbe } from './answer-probe.js';

/** Parameters of a request, to be percent-encoded; or a query as it is. */
export type Query = Readonly<Record<string, string>> | string;

export interface DockerRequest {
  /** Of the API, `1.51`; none when the path shall have none. */
  readonly version?: string;
  readonly query?: Query;
  readonly headers?: OutgoingHttpHeaders;
}

export interface DockerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A client of the Docker API as it is on the wire, with connections of its own that it keeps. */
export class DockerClient {
  readonly #agent = new Agent({ keepAlive: true });

  readonly #where: Pick<RequestOptions, 'socketPath' | 'host' | 'port'>;

  /** @param address the path of a socket, or host:port */
  constructor(address: string) {
    const [host, port] = address.split(':');
    this.#where = port === undefined ? { socketPath: address } : { host, port };
  }

  /** A request whose answer may have no end yet. */
  open(
    method: string,
    path: string,
    { version, query = '', headers = {} }: DockerRequest = {},
  ): AnswerProbe {
    const text = typeof query === 'string' ? query : new URLSearchParams(query).toString();
    const target = `${version === undefined ? '' : `/v${version}`}${path}${text && `?${text}`}`;
    const sent = request({ ...this.#where, agent: this.#agent, method, path: target, headers });
    sent.end();
    return new AnswerProbe(sent);
  }

  /** Resolves when the answer is whole. */
  async ask(method: string, path: string, options?: DockerRequest): Promise<DockerAnswer> {
    const answer = this.open(method, path, options);
    const { status, headers } = await answer.head;
    return { status, headers, body: await answer.text() };
  }

  /** The answer to GET as JSON. */
  async json(path: string, options?: DockerRequest): Promise<unknown> {
    const { body } = await this.ask('GET', path, options);
    return JSON.parse(body);
  }

  /** Follows the events. */
  events(query: Query = '', options: Omit<DockerRequest, 'query'> = {}): AnswerProbe {
    return this.open('GET', '/events', { ...options, query });
  }

  /** All events that have happened, as lines. */
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

  /** Drops all connections. */
  close(): void {
    this.#agent.destroy();
  }
}
