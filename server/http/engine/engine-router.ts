import type { FoghornError } from '../../../protocol/errors.js';
import { excerpt } from '../../../protocol/excerpt.js';
import { checkMay, type Caller } from '../../access/caller.js';
import { goneText } from '../../docker/gone-container.js';
import { RateLimit } from '../../log/rate-limit.js';
import type { DockerApi } from '../docker/api.js';
import { crossOriginRefusal } from '../cross-origin.js';
import { isRequested } from '../docker/history-parameter.js';
import type { EngineClient } from './engine-client.js';
import type { ResponseRules } from './exchange.js';
import type { Destination, RequestCaller } from './front-connection.js';
import type { RequestHead, ResponseHead } from './message-head.js';
import { maskEnv, WITH_ENV } from './masked-env.js';
import { readTarget, type RequestTarget } from './request-target.js';
import type { Rewrite } from './rewritten-response.js';

/** Events of Docker's clients and of Podman's. */
const EVENTS = new Set(['/events', '/libpod/events']);

/** Paths on which an engine may make the connection a stream of bytes. */
const HIJACKING =
  /^(?:\/libpod)?\/(?:containers\/[^/]+\/attach(?:\/ws)?|exec\/[^/]+\/start|session|grpc)$/;

/** Actions on a container after which an event is to be recorded. */
const CHANGING_ACTIONS = new Set([
  '',
  'start',
  'stop',
  'restart',
  'kill',
  'pause',
  'unpause',
  'rename',
  'update',
]);
const CHANGING = /^(?:\/libpod)?\/(?:containers\/(?:create|prune)$|(?:volumes|networks)\/)/;

/** Time limit for the reason why a container is gone, in milliseconds. */
const GONE_MS = 1000;

/** Verdicts of each kind that are logged in a minute, by which callers cannot fill a disk. */
const MAX_VERDICTS = 1000;

/** Decides which requests history answers; the engine answers the others. */
export class EngineRouter {
  readonly #lines = {
    allowed: new RateLimit(MAX_VERDICTS),
    refused: new RateLimit(MAX_VERDICTS),
  };

  constructor(
    private readonly api: DockerApi,
    /** Undefined where history answers alone. */
    private readonly engine: EngineClient | undefined,
  ) {}

  /** Throws PERMISSION_DENIED for a caller who may not use the engine. */
  readonly route = async (head: RequestHead, client: RequestCaller): Promise<Destination> => {
    const refusal = refusalOf(head, client) ?? this.#judged(head, client);
    if (refusal !== undefined) return { kind: 'refuse', error: refusal };
    if (this.engine === undefined) return { kind: 'local', head };
    const target = readTarget(head.target);
    if (target === undefined) {
      checkMay(client.caller, 'engine', this.api.source.namespace);
      client.caller.audit?.changed({ action: 'engine', request: `${head.method} ${head.target}` });
      return pass(FIXED_RULES);
    }
    const { path, container, action, query, isLibpod } = target;
    const { method } = head;
    if (method === 'GET' && EVENTS.has(path)) return { kind: 'local', head };
    if (container !== undefined && !isLibpod && method === 'POST' && action === 'wait') {
      return this.#wait(this.engine, head, client.caller, container);
    }
    const asksHistory = !isLibpod && method === 'GET' && action === 'json' && isRequested(query);
    if (container !== undefined && asksHistory) return { kind: 'local', head };
    checkMay(client.caller, 'engine', this.api.source.namespace);
    if ((method !== 'GET' && method !== 'HEAD') || HIJACKING.test(path)) {
      client.caller.audit?.changed({ action: 'engine', request: `${method} ${path}` });
    }
    return pass(
      this.#rules(method, target, client),
      method === 'GET' && path === '/containers/json',
    );
  };

  /** Judges a request by the rights of its socket, and logs the verdict. */
  #judged(head: RequestHead, { caller, filter, address }: RequestCaller): FoghornError | undefined {
    if (filter === undefined) return undefined;
    const refusal = filter.refusalOf(head);
    const verdict = refusal === undefined ? 'allowed' : 'refused';
    const path = excerpt(head.target.split('?')[0] ?? '');
    if (refusal !== undefined) {
      caller.audit?.denied({ request: `${head.method} ${path}`, socket: address });
    }
    this.#lines[verdict].pass((leftOut) => {
      const { log } = this.api.source;
      const { method } = head;
      log.info({ socket: address, method, path, verdict, ...leftOut }, 'docker: request');
    });
    return refusal;
  }

  /**
   * History knows the first report of each end, and goes on waiting while the engine restarts. A
   * container that is not recorded yet is the engine's.
   */
  async #wait(
    engine: EngineClient,
    head: RequestHead,
    caller: Caller,
    reference: string,
  ): Promise<Destination> {
    const { source, containers } = this.api;
    // History alone would refuse this caller, who may still use the engine.
    if (!caller.may('read', source.namespace)) {
      checkMay(caller, 'engine', source.namespace);
      return pass(FIXED_RULES);
    }
    const found = await engine.find(reference);
    if (found.kind !== 'there') return { kind: 'local', head };
    const subject = { namespace: source.namespace, container: found.id };
    const currency = await source.recorders.bringUpToDate(subject);
    const isKnown = await containers.find(caller, found.id).then(
      () => true,
      () => false,
    );
    if (currency !== 'current' || !isKnown) {
      checkMay(caller, 'engine', source.namespace);
      return pass(FIXED_RULES);
    }
    return { kind: 'local', head: withContainer(head, found.id) };
  }

  #rules(method: string, target: RequestTarget, { caller, filter }: RequestCaller): ResponseRules {
    const { path, container } = target;
    const mayHijack = HIJACKING.test(path);
    return {
      mayHijack,
      // Behind an upgrade, a filter would judge nothing more.
      mayUpgrade: mayHijack || filter === undefined,
      ...(isChange(method, target) && { hold: this.#whenRecorded }),
      rewrite: ({ status }: ResponseHead): Rewrite | undefined => {
        if (method === 'GET' && path === '/version' && status === 200) return this.#withOwnName;
        if (filter?.masksEnv && WITH_ENV.test(path) && status === 200) return maskEnv;
        if (container === undefined || status !== 404) return undefined;
        return (body) => this.#withReason(caller, container, body);
      },
    };
  }

  /** A client must not see a state from before its own change. */
  readonly #whenRecorded = async (): Promise<void> => {
    const { recorders, namespace } = this.api.source;
    await recorders.bringUpToDate({ namespace });
  };

  readonly #withOwnName = (body: Buffer): Buffer => {
    try {
      const answer = JSON.parse(body.toString('utf8')) as { Components?: object[] };
      const own = { Name: 'Foghorn', Version: this.api.version, Details: {} };
      const Components = [...(answer.Components ?? []), own];
      return Buffer.from(`${JSON.stringify({ ...answer, Components })}\n`);
    } catch {
      return body;
    }
  };

  /** Says of a container that the engine does not know when and how it ended. */
  async #withReason(caller: Caller, container: string, body: Buffer): Promise<Buffer> {
    const message = messageIn(body);
    if (message === undefined || !/no such container/i.test(message)) return body;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, GONE_MS, undefined);
    });
    const known = this.api.containers.find(caller, container).then(goneText, () => undefined);
    const reason = await Promise.race([known, tooLong]);
    clearTimeout(timer);
    if (reason === undefined) return body;
    return Buffer.from(`${JSON.stringify({ message: `${message} (${reason})` })}\n`);
  }
}

/** The refusal of a page of another site. */
function refusalOf({ fields }: RequestHead, { listener }: RequestCaller): FoghornError | undefined {
  const value = (name: string) => fields.find((field) => field.name === name)?.value;
  const origin = value('origin');
  const headers = { host: value('host') ?? '', ...(origin !== undefined && { origin }) };
  return crossOriginRefusal(headers, listener);
}

/** Rules for requests whose response is passed on as it is. */
const FIXED_RULES: ResponseRules = { mayHijack: false, mayUpgrade: false };

function pass(rules: ResponseRules, orLocal = false): Destination {
  return { kind: 'pass', rules, orLocal };
}

function isChange(method: string, { path, container, action }: RequestTarget): boolean {
  if (method !== 'POST' && method !== 'DELETE') return false;
  if (container === undefined) return CHANGING.test(path);
  return CHANGING_ACTIONS.has(action);
}

/** The same request for a container by its full id. */
function withContainer(head: RequestHead, id: string): RequestHead {
  const target = head.target.replace(/(\/containers\/)[^/?]+/, `$1${id}`);
  const line = head.bytes.indexOf('\r\n');
  const begin = Buffer.from(`${head.method} ${target} HTTP/1.${head.isHttp10 ? 0 : 1}`, 'latin1');
  return { ...head, target, bytes: Buffer.concat([begin, head.bytes.subarray(line)]) };
}

function messageIn(body: Buffer): string | undefined {
  try {
    const { message } = JSON.parse(body.toString('utf8')) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
