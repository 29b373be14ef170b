import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { FoghornError } from '../../protocol/errors.js';
import type { EngineAddress } from './engine-address.js';
import { linesOf } from './lines.js';

/** Milliseconds of silence after which a remote engine is asked whether it is still there. */
const KEEP_ALIVE_MS = 30_000;

/** Which events to tell; nanoseconds since the Unix epoch, both inclusive. */
export interface EventSpan {
  /** 0 for all that the engine remembers. */
  readonly since: bigint;
  /** Without it the events go on for as long as the engine does. */
  readonly until?: bigint;
}

/** A Docker engine, as far as it is asked for its events and containers. Every failure is a FoghornError. */
export class Engine {
  constructor(private readonly address: EngineAddress) {}

  /** ADDR, for texts. */
  get name(): string {
    return this.address.text;
  }

  /**
   * Resolves when the engine has agreed to tell its events, with those events as lines of JSON: first what it remembers, then
   * what happens. They end when the engine ends them and reject when they are cut; nothing is taken from the engine that is not
   * asked for here.
   *
   * Rejects with UNAVAILABLE when the engine cannot be reached or answers with an error, and with UNIMPLEMENTED when there is
   * somebody else.
   */
  async events(span: EventSpan, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const response = await this.#get(`/events?${queryOf(span)}`, signal);
    if (response.statusCode === 200) return this.#lines(response);
    throw await refusal('/events', response);
  }

  /**
   * What the engine answers to GET of a path, as JSON.
   *
   * Rejects with UNAVAILABLE when it cannot be reached, does not answer with 200, or with what is no JSON, and with UNIMPLEMENTED
   * when it has no such path, or nothing there.
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

  #get(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const call = request({ ...this.address.target, path, signal, agent: false });
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
      throw new FoghornError('UNAVAILABLE', 'the connection was cut', { cause: error });
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

/** Whether an error of an `Engine` says that no engine runs there, and not only that it cannot be reached now. */
export function isNotRunning({ cause }: FoghornError): boolean {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

function queryOf({ since, until }: EventSpan): string {
  const query = { since: seconds(since), ...(until !== undefined && { until: seconds(until) }) };
  return new URLSearchParams(query).toString();
}

/** Seconds with nine digits of fraction, which every engine understands. */
function seconds(nanos: bigint): string {
  return `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`;
}

/** What an engine has no such path for is none. */
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

/** Longest part of an error's body that is read, in characters. */
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
    // What has come of it must do.
  }
  return body.slice(0, MAX_ERROR_BODY_CHARS).trim();
}

/** Engines put their errors into JSON; what stands between may be a proxy that does not. */
function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // A text as it is.
  }
  return body;
}
