import { connect, type Client } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { DescribeRequest, DescribeResponse } from '../../protos/gen/foghorn/v1/history.js';
import type { DockerClient } from '../../test/support/docker/docker-client.js';
import type { TestClient } from '../../test/support/test-client.js';
import type { Random } from '../random.js';
import type { TenantAnswers } from './tenant-answers.js';
import { containerIn, covers, type Namespace, type Tenant } from './tenants.js';

const HTTP_FORBIDDEN = 403;
/** Deliveries that a member takes before it leaves. */
const DELIVERIES = 5;
const PATIENCE_MS = 2000;

/** Positions and consumers of all callers, which each may try to use. */
export interface Targets {
  /** Cursors that callers were given. */
  readonly cursors: string[];
  /** Names of consumers and of their owners. */
  readonly consumers: { readonly name: string; readonly owner: string }[];
}

/** The connections of a caller besides that of `TenantWork`. */
export interface Connections {
  readonly http: DockerClient;
  readonly grpc: TestClient;
  /** Address of the broker's gRPC API. */
  readonly address: string;
}

/** Makes calls over HTTP, with cursors of others, and of durable consumers. */
export class FurtherCalls {
  readonly #client: Client;
  #consumers = 0;

  constructor(
    private readonly tenant: Tenant,
    private readonly answers: TenantAnswers,
    private readonly connections: Connections,
    private readonly random: Random,
    private readonly targets: Targets,
  ) {
    this.#client = connect({ address: connections.address });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Reads by the HTTP API, of a namespace or of everything. */
  async get(namespace: Namespace): Promise<void> {
    const id = this.answers.mayRead(namespace) ? containerIn(namespace, 1) : 'guess';
    const [path, isAllowed] = this.random.pick([
      [`/v1/events?namespace=${namespace}&last=20`, this.answers.mayRead(namespace)],
      [`/v1/events?filter=namespace==${namespace}&since=1h`, this.answers.mayRead(namespace)],
      [`/v1/containers?namespace=${namespace}`, this.answers.mayRead(namespace)],
      [`/v1/runs?namespace=${namespace}&since=1h`, this.answers.mayRead(namespace)],
      [`/v1/containers/${namespace}/${id}/wait?timeout=10ms`, this.answers.mayRead(namespace)],
      ['/v1/events?last=50', true],
      ['/v1/containers?all', true],
      ['/v1/runs?since=1h', true],
      ['/v1/describe', true],
      ['/v1/readers', true],
      ['/v1/consumers', true],
      ['/v1/recorders', true],
      ['/v1/broker', covers(this.tenant.read, '*')],
      ['/metrics', covers(this.tenant.read, '*')],
    ] as const);
    await this.#ask('GET', path, isAllowed);
  }

  /** Publishes by the HTTP API. */
  async post(namespace: Namespace): Promise<void> {
    const container_id = containerIn(namespace, 1);
    const event = { '@type': 'containerd.events.TaskExit', container_id, id: 'by-http', pid: 1 };
    const body = JSON.stringify({ namespace, topic: '/tasks/exit', event });
    await this.#ask('POST', '/v1/events', this.answers.mayPublish(namespace), body);
  }

  /** Reads on from a position that another caller was given. */
  async resume(): Promise<void> {
    const request = DescribeRequest.encode({}).finish();
    const answer = await this.connections.grpc.call('/foghorn.v1.History/Describe', request);
    const cursor = DescribeResponse.decode(answer).last?.cursor ?? '';
    if (cursor !== '') this.targets.cursors.push(cursor);
    const after = this.random.pick([cursor, ...this.targets.cursors.slice(-50)]);
    if (after !== '') await this.#ask('GET', `/v1/events?after=${after}`, true);
  }

  /** Makes a consumer, or asks for one of any caller, and takes a few of its deliveries. */
  async consume(namespace: Namespace): Promise<void> {
    if (this.#consumers < 3 && this.random.chance(0.5)) {
      this.#consumers += 1;
      const name = `${this.tenant.name}-${this.#consumers}`;
      const filters = this.random.chance(0.5) ? [`namespace==${namespace}`] : [];
      const isAllowed = filters.length === 0 || this.answers.mayRead(namespace);
      const made = this.#client.consumers.create(name, { filters }, { start: 'earliest' });
      await this.#judge('Consumers.Create', made, isAllowed);
      if (isAllowed) this.targets.consumers.push({ name, owner: this.tenant.name });
    }
    if (this.targets.consumers.length === 0) return;
    const { name, owner } = this.random.pick(this.targets.consumers);
    const isOwn = owner === this.tenant.name;
    await this.#judge('Consumers.Get', this.#client.consumers.get(name), isOwn);
    await this.#judge('Consumers.Consume', this.#take(name), isOwn);
  }

  async #take(name: string): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const seen: string[] = [];
    try {
      for await (const delivery of this.#client.consume(name, { signal })) {
        seen.push(Buffer.from(delivery.entry.event?.value ?? []).toString('latin1'));
        await delivery.ack();
        if (seen.length === DELIVERIES) break;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    // A slow machine: neither an event nor a refusal has arrived.
    if (signal.aborted && seen.length === 0) {
      throw new FoghornError('DEADLINE_EXCEEDED', 'no answer in time');
    }
    return seen.join(' ');
  }

  async #judge(call: string, outcome: Promise<unknown>, isAllowed: boolean): Promise<void> {
    const refusal = await outcome.then(
      (answer) => {
        this.answers.saw(call, textOf(answer));
        return undefined;
      },
      (error: unknown) => {
        const { code, message } = error as { readonly code?: string; readonly message: string };
        this.answers.saw(`the status of ${call}`, message);
        if (code !== 'PERMISSION_DENIED' && !isHidden(call, code)) throw error;
        return message;
      },
    );
    this.answers.decided(call, isAllowed, refusal);
  }

  async #ask(method: string, path: string, isAllowed: boolean, body?: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await this.connections.http.ask(method, path, { headers, body });
    const shown = path.split('?')[0] ?? '';
    this.answers.saw(shown, answer.body);
    const refusal = answer.status === HTTP_FORBIDDEN ? answer.body : undefined;
    this.answers.decided(path, isAllowed, refusal);
  }
}

/** The consumer of another caller is answered as if there were none. */
function isHidden(call: string, code: string | undefined): boolean {
  return code === 'NOT_FOUND' && call.startsWith('Consumers.');
}

function textOf(answer: unknown): string {
  if (typeof answer === 'string') return answer;
  return JSON.stringify(answer, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
