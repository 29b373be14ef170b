import { randomUUID } from 'node:crypto';
import { TaskExit } from '../../protos/gen/containerd/events/task.js';
import { RunsRequest, ContainersRequest } from '../../protos/gen/foghorn/v1/containers.js';
import { ReadRequest, WaitRequest } from '../../protos/gen/foghorn/v1/history.js';
import { ListOpenRequest } from '../../protos/gen/foghorn/v1/recorder.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { ListNamespacesRequest } from '../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import { forwarding, publishing } from '../../test/support/append-probe.js';
import type { DockerClient } from '../../test/support/docker/docker-client.js';
import type { StreamProbe } from '../../test/support/stream-probe.js';
import type { TestClient } from '../../test/support/test-client.js';
import type { Random } from '../random.js';
import type { Checker } from './checker.js';
import { TenantAnswers } from './tenant-answers.js';
import { FurtherCalls, type Connections, type Targets } from './further-calls.js';
import { containerIn, NAMESPACES, type Namespace, type Tenant } from './tenants.js';

const asIs = (bytes: Buffer): Buffer => bytes;
const HISTORY = '/foghorn.v1.History';
const WAIT_MS = 50;
const REFUSAL_MS = 30_000;
/** Nothing may take longer, however slow the machine is. */
const LIVE_MS = 60_000;

/** A stored event, and whom it was acknowledged to. */
export interface Stored {
  readonly namespace: Namespace;
  /** In the payload of the event. */
  readonly mark: string;
}

/** The parts that all callers share. */
export interface Shared {
  readonly checker: Checker;
  /** Everything that was acknowledged, in any order. */
  readonly stored: Stored[];
  /** The namespace of the Docker API. */
  readonly dockerNamespace: Namespace;
  readonly targets: Targets;
  /** Whether retention removes events meanwhile, so that readers need not get all. */
  readonly isTrimmed: boolean;
}

/** Makes random calls as one caller, and has every answer checked. */
export class TenantWork {
  readonly #live: StreamProbe<Buffer>;
  readonly #answers: TenantAnswers;
  readonly #furtherCalls: FurtherCalls;
  #storedBeforeLive = 0;

  constructor(
    tenant: Tenant,
    private readonly client: TestClient,
    private readonly docker: DockerClient,
    private readonly random: Random,
    private readonly shared: Shared,
    connections: Connections,
  ) {
    this.#answers = new TenantAnswers(tenant, shared.checker);
    this.#furtherCalls = new FurtherCalls(
      tenant,
      this.#answers,
      connections,
      random,
      shared.targets,
    );
    this.#live = client.subscribe();
  }

  /** Resolves when the caller's live subscription misses nothing any more. */
  async begin(): Promise<void> {
    await this.#live.headers;
    this.#storedBeforeLive = this.shared.stored.length;
  }

  async step(): Promise<void> {
    const namespace = this.random.pick(NAMESPACES);
    const step = this.random.pick([
      () => this.#publish(namespace),
      () => this.#publish(namespace),
      () => this.#append(),
      () => this.#read(namespace),
      () => this.#readAll(),
      () => this.#readContainer(namespace),
      () => this.#wait(namespace),
      () => this.#lists(namespace),
      () => this.#dockerCalls(),
      () => this.#namespace(namespace),
      () => this.#furtherCalls.get(namespace),
      () => this.#furtherCalls.get(namespace),
      () => this.#furtherCalls.post(namespace),
      () => this.#furtherCalls.resume(),
      () => this.#furtherCalls.consume(namespace),
    ]);
    await this.#answers.counted(step);
  }

  /** Checks what the live subscription has got, and that it got all that it may see. */
  async end(): Promise<void> {
    const wanted = this.shared.stored
      .slice(this.#storedBeforeLive)
      .filter(({ namespace }) => this.#answers.mayRead(namespace));
    const isComplete = (messages: readonly Buffer[]): boolean =>
      missingIn(messages, wanted).length === 0;
    const tooLong = new Promise<'late'>((resolve) => setTimeout(resolve, LIVE_MS, 'late').unref());
    const outcome = await Promise.race([this.#live.when(isComplete), tooLong]).catch(String);
    if (typeof outcome === 'string') {
      this.#answers.missing(`, live: ${outcome}`);
    }
    for (const message of this.#live.messages) this.#answers.saw('live Subscribe', message);
    this.#live.cancel();
    await this.#furtherCalls.close();
  }

  async #publish(namespace: Namespace): Promise<void> {
    const { event, mark } = this.#event(namespace);
    const call = this.client.publish('/tasks/exit', event, { 'containerd-namespace': namespace });
    const refusal = await this.#answers.outcome(
      'Publish',
      call.then(() => undefined),
    );
    this.#answers.decided(`Publish to ${namespace}`, this.#answers.mayPublish(namespace), refusal);
    if (refusal === undefined) this.shared.stored.push({ namespace, mark });
  }

  /** One refused event of a message harms no other. */
  async #append(): Promise<void> {
    const sent = Array.from({ length: this.random.between(1, 6) }, () => {
      const namespace = this.random.pick(NAMESPACES);
      return { namespace, ...this.#event(namespace) };
    });
    const stream = this.client.append();
    stream.send(
      sent.map(({ namespace, event }, index) =>
        index % 2 === 0
          ? publishing({ namespace, topic: '/tasks/exit', event })
          : forwarding({ namespace, topic: '/tasks/exit', event, timestamp: now() }),
      ),
    );
    const [results = []] = await stream.answers(1);
    stream.end();
    for (const [index, { namespace, mark }] of sent.entries()) {
      const result = results[index];
      const refusal = result?.$case === 'error' ? result.value.message : undefined;
      if (refusal !== undefined) this.#answers.saw('the refusal of Append', refusal);
      this.#answers.decided(`Append to ${namespace}`, this.#answers.mayPublish(namespace), refusal);
      if (refusal === undefined) this.shared.stored.push({ namespace, mark });
    }
  }

  async #read(namespace: Namespace): Promise<void> {
    const filters = [`namespace==${namespace},topic=="/tasks/exit"`];
    const refusal = await this.#readOutcome('Read', { filters });
    this.#answers.decided(`Read of ${namespace}`, this.#answers.mayRead(namespace), refusal);
  }

  /** Sees everything that was stored before, and that the caller may read. */
  async #readAll(): Promise<void> {
    const dockerView = this.random.chance(0.3);
    const wanted = this.shared.stored.filter(({ namespace }) => this.#answers.mayRead(namespace));
    const answers: Buffer[] = [];
    const refusal = await this.#readOutcome('Read of everything', { dockerView }, answers);
    this.#answers.decided('Read of everything', true, refusal);
    const missing = missingIn(answers, wanted);
    if (missing.length > 0 && !this.shared.isTrimmed) {
      this.#answers.missing(` did not read ${missing.length}`);
    }
  }

  async #readContainer(namespace: Namespace): Promise<void> {
    const containerId = this.#container(namespace);
    const refusal = await this.#readOutcome('Read of a container', {
      container: { namespace, containerId },
    });
    this.#answers.decided(
      `Read of a container in ${namespace}`,
      this.#answers.mayRead(namespace),
      refusal,
    );
  }

  async #wait(namespace: Namespace): Promise<void> {
    const container = { namespace, containerId: this.#container(namespace) };
    const request = WaitRequest.encode(WaitRequest.fromPartial({ container })).finish();
    const deadline = Date.now() + (this.#answers.mayRead(namespace) ? WAIT_MS : REFUSAL_MS);
    const call = this.client.call(`${HISTORY}/Wait`, request, {}, { deadline });
    const refusal = await this.#answers.outcome('Wait', call);
    this.#answers.decided(`Wait in ${namespace}`, this.#answers.mayRead(namespace), refusal);
  }

  async #lists(namespace: Namespace): Promise<void> {
    const selection = { namespace: this.random.chance(0.5) ? namespace : '' };
    const isAllowed = selection.namespace === '' || this.#answers.mayRead(namespace);
    const containers = ContainersRequest.fromPartial({ selection, includeRemoved: true });
    const requests = {
      [`${HISTORY}/Containers`]: ContainersRequest.encode(containers).finish(),
      [`${HISTORY}/Runs`]: RunsRequest.encode(RunsRequest.fromPartial({ selection })).finish(),
      '/foghorn.v1.Recorders/ListOpen': ListOpenRequest.encode(selection).finish(),
    };
    for (const [path, request] of Object.entries(requests)) {
      const stream = this.client.stream(path, request, asIs);
      this.#answers.decided(
        `${path} of ${selection.namespace}`,
        isAllowed,
        await this.#answers.ended(path, stream),
      );
    }
    await this.client.describe();
  }

  /** A namespace without the right to read it does not exist, whatever is in it. */
  async #namespace(name: Namespace): Promise<void> {
    const list = ListNamespacesRequest.encode({ filter: '' }).finish();
    const path = '/containerd.services.namespaces.v1.Namespaces';
    await this.#answers.outcome('List', this.client.call(`${path}/List`, list));
    // Field 1 of DeleteNamespaceRequest.
    const request = Buffer.concat([Buffer.of(0x0a, name.length), Buffer.from(name)]);
    const refusal = await this.#answers.outcome(
      'Delete',
      this.client.call(`${path}/Delete`, request),
    );
    if (refusal === undefined && !this.#answers.mayPublish(name))
      this.#answers.decided('Delete', false, undefined);
  }

  async #dockerCalls(): Promise<void> {
    const isAllowed = this.#answers.mayRead(this.shared.dockerNamespace);
    const id = containerIn(this.shared.dockerNamespace, 1);
    for (const path of ['/events?since=0&stream=false', '/containers/json?all=1']) {
      const { status: code, body } = await this.docker.ask('GET', path);
      this.#answers.saw(path, body);
      this.#answers.decided(path, isAllowed, code === 403 ? body : undefined);
    }
    const { status: code } = await this.docker.ask('GET', `/containers/${id}/json`);
    this.#answers.decided('inspect', isAllowed, code === 403 ? 'refused' : undefined);
  }

  async #readOutcome(
    call: string,
    request: Partial<ReadRequest>,
    answers: Buffer[] = [],
  ): Promise<string | undefined> {
    const complete = ReadRequest.fromPartial({
      ...request,
      start: { $case: 'earliest', value: {} },
      stopWhenCaughtUp: true,
    });
    const bytes = ReadRequest.encode(complete).finish();
    const stream = this.client.stream(`${HISTORY}/Read`, bytes, asIs);
    const refusal = await this.#answers.ended(call, stream);
    answers.push(...stream.messages);
    return refusal;
  }

  #event(namespace: Namespace): { readonly event: Any; readonly mark: string } {
    const mark = randomUUID();
    const exit = TaskExit.fromPartial({
      containerId: containerIn(namespace, this.random.between(1, 3)),
      id: mark,
      exitStatus: 7,
      pid: this.random.between(1, 1000),
    });
    const value = Buffer.from(TaskExit.encode(exit).finish());
    return { event: { typeUrl: 'containerd.events.TaskExit', value }, mark };
  }

  /** A caller cannot know the containers of others; it guesses one where it may not read. */
  #container(namespace: Namespace): string {
    return this.#answers.mayRead(namespace) ? containerIn(namespace, 1) : 'guess';
  }
}

const MARK = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The events that bytes of answers do not show. */
function missingIn(answers: readonly Buffer[], wanted: readonly Stored[]): readonly Stored[] {
  const shown = new Set(answers.flatMap((bytes) => bytes.toString('latin1').match(MARK) ?? []));
  return wanted.filter(({ mark }) => !shown.has(mark));
}

function now(): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(Date.now() / 1000)), nanos: (Date.now() % 1000) * 1_000_000 };
}
