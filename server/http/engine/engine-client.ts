import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { EngineAddress } from '../../../protocol/engine-address.js';
import type { ApiVersions } from '../../docker/api-version.js';

/** Time limit of Foghorn's own questions to an engine, in milliseconds. */
const ANSWER_MS = 30_000;
/** Pause between two questions about the versions of an engine, in milliseconds. */
const FACTS_MS = 30_000;

/** The versions of an engine, for answers that are given in its place. */
export interface EngineFacts {
  readonly versions: ApiVersions;
  /** The engine's own version, such as `20.10.24`. */
  readonly version: string;
}

interface EngineAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An engine's answer about a container: its full id, `absent`, or `unknown` while it is down. */
export type EngineKnowledge =
  { readonly kind: 'there'; readonly id: string } | { readonly kind: 'absent' | 'unknown' };

/** Asks an engine what routes need to know. */
export class EngineClient {
  readonly #agent: HttpAgent;
  #facts: EngineFacts | undefined;
  #factsUntil = 0;

  constructor(readonly address: EngineAddress) {
    const { tls } = address;
    this.#agent = tls === undefined ? new HttpAgent(KEPT) : new HttpsAgent({ ...KEPT, ...tls });
  }

  async find(reference: string): Promise<EngineKnowledge> {
    const path = `/containers/${encodeURIComponent(reference)}/json`;
    const answer = await this.#get(path).catch(() => undefined);
    if (answer?.status === 404) return { kind: 'absent' };
    const id = (answer?.body as { Id?: unknown } | null | undefined)?.Id;
    return typeof id === 'string' ? { kind: 'there', id } : { kind: 'unknown' };
  }

  /** Resolves with the code that the engine's own wait answers; undefined if it fails. */
  async wait(id: string, condition: string, signal: AbortSignal): Promise<number | undefined> {
    const path = `/containers/${id}/wait?condition=${condition}`;
    const answer = await this.#ask('POST', path, signal).catch(() => undefined);
    const code = (answer?.body as { StatusCode?: unknown } | null | undefined)?.StatusCode;
    return typeof code === 'number' ? code : undefined;
  }

  /** The engine's versions as they were last known; undefined if they never were. */
  get knownFacts(): EngineFacts | undefined {
    return this.#facts;
  }

  /** The engine's versions, by itself or as they were last known. */
  async facts(): Promise<EngineFacts | undefined> {
    const now = performance.now();
    if (now < this.#factsUntil) return this.#facts;
    this.#factsUntil = now + FACTS_MS;
    const answer = await this.#get('/version').catch(() => undefined);
    const facts = factsIn(answer?.body);
    // Asked again soon, because an engine that starts may be another one.
    if (facts === undefined) this.#factsUntil = 0;
    return (this.#facts = facts ?? this.#facts);
  }

  close(): void {
    this.#agent.destroy();
  }

  #get(path: string): Promise<EngineAnswer> {
    return this.#ask('GET', path, AbortSignal.timeout(ANSWER_MS));
  }

  #ask(method: string, path: string, signal: AbortSignal): Promise<EngineAnswer> {
    const { target, tls } = this.address;
    const send = tls === undefined ? httpRequest : httpsRequest;
    const options = { ...target, ...tls, method, path, signal, agent: this.#agent };
    return new Promise((resolve, reject) => {
      const call = send(options, (response) => {
        buffer(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, body: parsed(body) });
        }, reject);
      });
      call.on('error', reject);
      call.end();
    });
  }
}

const KEPT = { keepAlive: true, maxFreeSockets: 4 };

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function factsIn(answer: unknown): EngineFacts | undefined {
  const { ApiVersion, MinAPIVersion, Version } = (answer ?? {}) as Record<string, unknown>;
  if (typeof ApiVersion !== 'string') return undefined;
  const min = typeof MinAPIVersion === 'string' ? MinAPIVersion : ApiVersion;
  return { versions: { min, max: ApiVersion }, version: String(Version) };
}
