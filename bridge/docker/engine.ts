import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { json } from 'node:stream/consumers';
import type { EngineAddress } from '../../protocol/engine-address.js';
import { HISTORY_HEADER } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import { linesOf } from './lines.js';

/** Milliseconds of silence after which TCP probes whether a remote engine is still there. */
const KEEP_ALIVE_MS = 30_000;

/** A span of events to request; nanoseconds since 1970, both ends inclusive. */
export interface EventSpan {
  /** 0 requests everything that the engine remembers. */
  readonly since: bigint;
  /** If absent, the stream goes on for as long as the engine runs. */
  readonly until?: bigint;
}

/** An answer to a request for events. */
export interface EngineEvents {
  readonly lines: AsyncIterable<string>;
  /** Epoch of the history of a broker; undefined for an engine. */
  readonly epoch: string | undefined;
}

/** A client for the events and containers of a Docker engine. Every failure is a FoghornError. */
export class Engine {
  constructor(private readonly address: EngineAddress) {}

  /** Address of the engine, for messages. */
  get name(): string {
    return this.address.text;
  }

  /**
   * Resolves, when the engine has accepted the request, with its events as lines of JSON: first
   * those it remembers, then new ones. The lines end when the engine ends them and reject when the
   * connection is lost. Nothing is read from the engine before the caller asks for it. A broker
   * also names the epoch of the history that it answers from.
   *
   * @throws FoghornError UNAVAILABLE when the engine cannot be reached or answers with an error;
   *   UNIMPLEMENTED when the peer is not a Docker engine.
   */
  async events(span: EventSpan, signal: AbortSignal): Promise<EngineEvents> {
    const response = await this.#get(`/events?${queryOf(span)}`, signal);
    if (response.statusCode === 200) {
      const epoch = response.headers[HISTORY_HEADER];
      return {
        lines: this.#lines(response),
        epoch: typeof epoch === 'string' ? epoch : undefined,
      };
    }
    throw await refusal('/events', response);
  }

  /**
   * Returns the engine's answer to GET of a path, parsed as JSON.
   *
   * @throws FoghornError UNAVAILABLE when the engine cannot be reached, answers with another status
   *   than 200 or with a body that is not JSON; UNIMPLEMENTED when it does not have the path.
   */
  async json(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#get(path, signal);
    if (response.statusCode !== 200) throw await refusal(path, response);
    try {
      return await json(response);
    } catch (error) {
      const cause = { cause: error };
      throw new FoghornError('UNAVAILABLE', `GET ${path} was not answered with JSON`, cause);
    }
  }

  /**
   * Returns the engine's description of a container, undefined for one that it does not know.
   * Throws as `json` does.
   */
  async inspect(id: string, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.json(`/containers/${encodeURIComponent(id)}/json`, signal);
    } catch (error) {
      if (error instanceof FoghornError && error.code === 'UNIMPLEMENTED') return undefined;
      throw error;
    }
  }

  /**
   * Returns the ids of all containers, or none if the answer is no list. Throws as `json` does.
   *
   * @param query further parameters, such as `&filters=…`
   */
  async containerIds(signal: AbortSignal, query = ''): Promise<string[]> {
    const listed = await this.json(`/containers/json?all=1${query}`, signal);
    if (!Array.isArray(listed)) return [];
    const containers = listed as ({ readonly Id?: unknown } | null)[];
    return containers.flatMap((one) => (typeof one?.Id === 'string' ? one.Id : []));
  }

  #get(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { target, tls } = this.address;
    const request = tls === undefined ? httpRequest : httpsRequest;
    return new Promise((resolve, reject) => {
      const headers = { [HISTORY_HEADER]: 'ask' };
      const call = request({ ...target, ...tls, path, signal, headers, agent: false });
      call.setSocketKeepAlive(true, KEEP_ALIVE_MS);
      call.on('response', resolve);
      call.on('error', (error) => {
        reject(this.#unreachable(error));
      });
      call.end();
    });
  }

  async *#lines(response: IncomingMessage): AsyncGenerator<string> {
    try {
      yield* linesOf(response);
    } catch (error) {
      throw new FoghornError('UNAVAILABLE', 'the connection was lost', { cause: error });
    }
  }

  #unreachable(error: NodeJS.ErrnoException): FoghornError {
    const why = REASONS[error.code ?? ''] ?? `is \`dockerd\` running? (${error.message})`;
    return new FoghornError('UNAVAILABLE', `cannot reach ${this.name}: ${why}`, { cause: error });
  }
}

const REASONS: Partial<Record<string, string>> = {
  ENOENT: 'is `dockerd` running? (no such socket)',
  ECONNREFUSED: 'is `dockerd` running? (connection refused)',
  ENOTFOUND: 'no such host',
  EACCES: 'permission denied (the socket is for its owner and group)',
};

/** Whether an error of an `Engine` means that no engine runs at the address. */
export function isNotRunning({ cause }: FoghornError): boolean {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

function queryOf({ since, until }: EventSpan): string {
  const query = { since: seconds(since), ...(until !== undefined && { until: seconds(until) }) };
  return new URLSearchParams(query).toString();
}

/** Formats seconds with nine fractional digits, which every engine understands. */
function seconds(nanos: bigint): string {
  return `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`;
}

/** Statuses by which a server that is not a Docker engine refuses an engine's paths. */
const NOT_AN_ENGINE_STATUSES = new Set([404, 405, 501]);

async function refusal(path: string, response: IncomingMessage): Promise<FoghornError> {
  const { statusCode = 0, statusMessage = '' } = response;
  const text = messageIn(await bodyOf(response));
  const answer = `GET ${path} was answered with ${statusCode} ${text || statusMessage}`.trimEnd();
  return new FoghornError(
    NOT_AN_ENGINE_STATUSES.has(statusCode) ? 'UNIMPLEMENTED' : 'UNAVAILABLE',
    answer,
  );
}

/** Characters of an error's body that are read. */
const MAX_ERROR_BODY_CHARS = 4096;

async function bodyOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let body = '';
  try {
    for await (const part of response as AsyncIterable<string>) {
      body += part;
      if (body.length > MAX_ERROR_BODY_CHARS) break;
    }
  } catch {
    // A part of the body is enough for a message.
  }
  return body.slice(0, MAX_ERROR_BODY_CHARS).trim();
}

/** Engines answer errors with JSON; a proxy in between may not. */
function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // The body is plain text.
  }
  return body;
}
