import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerEventJson } from '../../../protocol/docker-event.js';

const MEMORY = 256;

interface Told {
  readonly time: bigint;
  readonly line: string;
}

/** Answers GET /events and /containers as dockerd does, with data of a test. */
export class ScriptedEngine {
  readonly directory = mkdtempSync(join(tmpdir(), 'foghorn-engine-'));
  /** For `--from`. */
  address = join(this.directory, 'docker.sock');
  /** The requests so far. */
  readonly requests: string[] = [];
  /** Answered instead of events, when given. */
  refusal: { readonly status: number; readonly body: string } | undefined;
  /** Answers to GET /containers/ID/json by id; undefined for a container that was just removed. */
  readonly containers = new Map<string, object | undefined>();
  /** Answered instead of the list of them, when given. */
  listRefusal: { readonly status: number; readonly body: string } | undefined;
  /** Runs between a request for a container and the answer, which shows the state before. */
  whileInspected: (id: string) => Promise<void> | void = () => {};
  /** Takes requests and does not answer them yet, as an engine does that starts. */
  starting: Promise<void> | undefined;
  /** Leaves open how much it remembers, as an engine does that is busy. */
  answersSlowly = false;
  /** Ends each stream of events right after it has accepted the request. */
  endsAtOnce = false;
  #server: Server | undefined;
  #memory: Told[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly #left: ServerResponse[] = [];

  async start(): Promise<this> {
    const server = this.#serve();
    await new Promise<void>((resolve) => server.listen(this.address, resolve));
    return this;
  }

  /** Starts on a port instead, with an address to match. */
  async startOnPort(): Promise<void> {
    const server = this.#serve();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Ends as a daemon does: it forgets, and who was listening sees the end of the stream. */
  async stop(): Promise<void> {
    this.#memory = [];
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Ends all streams of events after their last line; the engine goes on. */
  cut(): void {
    for (const response of this.#left.splice(0)) response.destroy();
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** How many are listening. */
  get listeners(): number {
    return this.#streams.size;
  }

  /** Reports an event; returns its line. */
  tell(time: bigint, line: string): string {
    this.#memory = [...this.#memory.slice(1 - MEMORY), { time, line }];
    for (const stream of this.#streams) stream.write(`${line}\n`);
    return line;
  }

  /** Sends bytes that the engine does not remember. */
  write(bytes: Uint8Array): void {
    for (const stream of this.#streams) stream.write(bytes);
  }

  #serve(): Server {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? '');
      void Promise.resolve(this.starting).then(() => {
        this.#answer(request, response);
      });
    });
    return this.#server;
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    if (this.refusal) {
      response.writeHead(this.refusal.status).end(this.refusal.body);
      return;
    }
    const { pathname, searchParams: query } = new URL(url, 'http://docker');
    if (pathname === '/containers/json') {
      this.#answerList(query.get('filters'), response);
      return;
    }
    const [, id] = /^\/containers\/(.+)\/json$/.exec(pathname) ?? [];
    if (id !== undefined) {
      void this.#answerInspect(id, response);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (this.endsAtOnce) {
      response.end();
      return;
    }
    for (const { line } of this.#remembered(nanos(query.get('since')), nanos(query.get('until')))) {
      response.write(`${line}\n`);
    }
    if (query.has('until')) {
      if (this.answersSlowly) this.#left.push(response);
      else response.end();
      return;
    }
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  #answerList(filters: string | null, response: ServerResponse): void {
    const isListed = (container: unknown): boolean =>
      filters !== '{"status":["restarting"]}' ||
      (container as { State?: { Status?: string } } | undefined)?.State?.Status === 'restarting';
    const all = [...this.containers].filter(([, container]) => isListed(container));
    const listed = all.map(([id]) => ({ Id: id }));
    const { status, body } = this.listRefusal ?? { status: 200, body: JSON.stringify(listed) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }

  async #answerInspect(id: string, response: ServerResponse): Promise<void> {
    const container = this.containers.get(id);
    await this.whileInspected(id);
    const body = container ?? { message: `No such container: ${id}` };
    response.writeHead(container ? 200 : 404).end(JSON.stringify(body));
  }

  /** dockerd looks from the newest on, up to the first that is too old. */
  #remembered(since: bigint, until: bigint): Told[] {
    const tooOld = this.#memory.findLastIndex(({ time }) => time < since);
    return this.#memory.slice(tooOld + 1).filter(({ time }) => until === 0n || time <= until);
  }
}

function nanos(text: string | null): bigint {
  const [seconds = '0', fraction = ''] = (text ?? '0').split('.');
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** An event of a container, by default an invented one. */
export function containerEvent(
  time: bigint,
  action: string,
  {
    id = 'a'.repeat(64),
    ...attributes
  }: { readonly id?: string; readonly [attribute: string]: string | undefined } = {},
): string {
  const named = { image: 'busybox', name: 'web', ...attributes } as Record<string, string>;
  return dockerEventJson(
    {
      type: 'container',
      action,
      actorId: id,
      attributes: new Map(Object.entries(named)),
      scope: 'local',
      timeNano: time,
    },
    true,
  );
}
