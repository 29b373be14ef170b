import type { ServiceError } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import * as consumers from '../../../../protos/gen/foghorn/v1/consumers.js';
import { ContainersRequest, RunsRequest } from '../../../../protos/gen/foghorn/v1/containers.js';
import {
  AppendRequest,
  ReadRequest,
  WaitRequest,
} from '../../../../protos/gen/foghorn/v1/history.js';
import { AttachRequest, ListOpenRequest } from '../../../../protos/gen/foghorn/v1/recorder.js';
import {
  ForwardRequest,
  PublishRequest,
} from '../../../../protos/gen/containerd/services/events/v1/events.js';
import * as namespaces from '../../../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import type { Right } from '../../../../server/access/caller.js';
import { publishing } from '../../../support/append-probe.js';
import { exitEnvelope } from '../../../support/envelopes.js';
import { forward } from '../../../support/raw-ttrpc.js';
import {
  DENIED,
  NAMESPACE,
  outcomeOf,
  SECRET,
  type BrokerForEachRight,
  type Outcome,
} from './broker-for-each-right.js';

/** A method, and how each right alone fares. */
export interface Row {
  readonly method: string;
  /** `✓`, `nothing` or `–` for publish, read, engine and admin. */
  readonly cells: readonly [string, string, string, string];
  readonly call: (broker: BrokerForEachRight, as: Right) => Promise<Outcome>;
  /** Whether an engine and a containerd are behind the broker. */
  readonly hasDaemons?: boolean;
  /** Whether the answer shows nothing that is stored. */
  readonly acts?: boolean;
  /** Whether a caller without the right is answered as if the subject did not exist. */
  readonly hides?: boolean;
}

const EVENTS = '/containerd.services.events.v1.Events';
const NAMESPACES = '/containerd.services.namespaces.v1.Namespaces';
const HISTORY = '/foghorn.v1.History';
const CONSUMERS = '/foghorn.v1.Consumers';
const RECORDERS = '/foghorn.v1.Recorders';

const [YES, NONE, NO] = ['✓', 'nothing', '–'];
const PUBLISHERS = [YES, NO, NO, NO] as const;
const READERS = [NO, YES, NO, NO] as const;
const ENGINES = [NO, NO, YES, NO] as const;
const OWNERS = [NONE, NONE, NONE, YES] as const;
const READABLE = [NONE, YES, NONE, NONE] as const;
const ALL = [YES, YES, YES, YES] as const;

/** A consumer of another caller. */
export const CONSUMER = 'of-another';
const named = { name: CONSUMER };
const selection = { namespace: NAMESPACE };
const container = { namespace: NAMESPACE, containerId: SECRET };
const envelope = exitEnvelope(1, { namespace: NAMESPACE });
const past = { start: { $case: 'earliest', value: {} }, stopWhenCaughtUp: true } as const;

interface Encoder<Message> {
  fromPartial(fields: never): Message;
  encode(message: Message): { finish(): Uint8Array };
}

function encoded<Message>(type: Encoder<Message>, fields: object = {}): Uint8Array {
  return type.encode(type.fromPartial(fields as never)).finish();
}

type Kind = 'unary' | 'stream' | 'duplex';

/** A gRPC method; its row begins with the name of its service. */
function grpc(
  kind: Kind,
  path: string,
  request: () => Uint8Array,
  cells: Row['cells'],
  more: Partial<Row> & { readonly when?: string } = {},
): Row {
  const [, service = '', name = ''] = /\.(\w+)\/(\w+)$/.exec(path) ?? [];
  const { when = '', ...rest } = more;
  const call: Row['call'] = (broker, as) => broker[kind](as, path, request());
  return { method: `\`${service}.${name}\`${when}`, cells, call, ...rest };
}

function http(
  edge: 'http' | 'docker',
  method: string,
  path: string,
  cells: Row['cells'],
  more: Partial<Row> & { readonly body?: object; readonly when?: string } = {},
): Row {
  const { when = '', body, ...rest } = more;
  const shown = path.replace(/\?.*/, '').replace(NAMESPACE_AND_ID, '/{namespace}/{id}/');
  const prefix = edge === 'docker' ? 'Docker ' : '';
  return {
    method: `${prefix}\`${method} ${shown.replace(SECRET, '{id}')}\`${when}`,
    cells,
    call: (broker, as) => broker.http(edge, as, method, path, body),
    ...rest,
  };
}

const NAMESPACE_AND_ID = `/${NAMESPACE}/${SECRET}/`;
const inNamespace = ', a namespace named';
const acts = { acts: true };
const hides = { acts: true, hides: true };

const GRPC_ROWS: readonly Row[] = [
  {
    method: '`Events.Publish`',
    cells: PUBLISHERS,
    acts: true,
    call: async (broker, as) => {
      broker.called.add(`${EVENTS}/Publish`);
      const headers = { 'containerd-namespace': NAMESPACE };
      const bytes = encoded(PublishRequest, { topic: '/x' });
      return broker
        .client(as)
        .call(`${EVENTS}/Publish`, bytes, headers)
        .then(
          () => 'yes' as const,
          (error: unknown) => outcomeOf((error as ServiceError).code),
        );
    },
  },
  grpc('unary', `${EVENTS}/Forward`, () => encoded(ForwardRequest, { envelope }), PUBLISHERS, acts),
  {
    method: 'ttrpc `Events.Forward`',
    cells: PUBLISHERS,
    acts: true,
    call: async (broker, as) => {
      const shim = await broker.ttrpc(as);
      const { code } = await shim.call(forward(1, envelope));
      shim.socket.destroy();
      return outcomeOf(code);
    },
  },
  {
    method: '`History.Append`, each event',
    cells: PUBLISHERS,
    acts: true,
    call: async (broker, as) => {
      broker.called.add(`${HISTORY}/Append`);
      const stream = broker.client(as).append();
      stream.sendBytes(encoded(AppendRequest, { events: [publishing({ namespace: NAMESPACE })] }));
      const [[result] = []] = await stream.answers(1);
      stream.end();
      const isRefused = result?.$case === 'error' && result.value.code === DENIED;
      return isRefused ? 'refused' : 'yes';
    },
  },
  {
    method: '`Events.Subscribe`',
    cells: READABLE,
    call: async (broker, as) => {
      broker.called.add(`${EVENTS}/Subscribe`);
      const since = { 'foghorn-since': '0' };
      const [own, reader] = [as, 'root'].map((name) =>
        broker.client(name as Right).subscribe([], since),
      );
      await own!.headers;
      await reader!.when(({ length }) => length > 0);
      // Whatever the caller gets is on its way before the answer to a later call.
      if (as === 'read') await own!.when(({ length }) => length > 0);
      else await broker.client(as).describe();
      own!.cancel();
      reader!.cancel();
      return own!.messages.length > 0 ? 'yes' : 'nothing';
    },
  },
  {
    method: `\`Events.Subscribe\`${inNamespace}`,
    cells: READERS,
    acts: true,
    call: async (broker, as) => {
      const stream = broker.client(as).subscribe([`namespace==${NAMESPACE}`]);
      const begun = stream.headers.then(() => 'yes' as const);
      const ended = stream.status.then(({ code }) => outcomeOf(code));
      const outcome = await Promise.race([begun.catch(() => ended), ended]);
      stream.cancel();
      return outcome;
    },
  },
  grpc('stream', `${HISTORY}/Read`, () => encoded(ReadRequest, past), READABLE),
  grpc('stream', `${HISTORY}/Read`, () => encoded(ReadRequest, { ...past, container }), READERS, {
    when: ', a container named',
  }),
  grpc(
    'stream',
    `${HISTORY}/Read`,
    () => encoded(ReadRequest, { ...past, dockerView: true }),
    READABLE,
    { when: ' with `docker_view`' },
  ),
  grpc('unary', `${HISTORY}/Wait`, () => encoded(WaitRequest, { container }), READERS, acts),
  grpc('stream', `${HISTORY}/Containers`, () => encoded(ContainersRequest), READABLE),
  grpc(
    'stream',
    `${HISTORY}/Containers`,
    () => encoded(ContainersRequest, { selection }),
    READERS,
    {
      when: inNamespace,
    },
  ),
  grpc('stream', `${HISTORY}/Runs`, () => encoded(RunsRequest), READABLE),
  grpc('stream', `${HISTORY}/Runs`, () => encoded(RunsRequest, { selection }), READERS, {
    when: inNamespace,
  }),
  grpc('unary', `${HISTORY}/Describe`, () => Buffer.of(), ALL, acts),
  grpc(
    'unary',
    `${CONSUMERS}/Create`,
    () => encoded(consumers.ConsumersCreateRequest, { name: `c-${randomUUID()}` }),
    ALL,
    acts,
  ),
  grpc(
    'unary',
    `${CONSUMERS}/Create`,
    () =>
      encoded(consumers.ConsumersCreateRequest, {
        name: `c-${randomUUID()}`,
        settings: { filters: [`namespace==${NAMESPACE}`] },
      }),
    READERS,
    { when: inNamespace, acts: true },
  ),
  grpc('unary', `${CONSUMERS}/List`, () => Buffer.of(), ALL, acts),
  grpc(
    'unary',
    `${CONSUMERS}/Get`,
    () => encoded(consumers.ConsumersGetRequest, named),
    OWNERS,
    hides,
  ),
  grpc(
    'unary',
    `${CONSUMERS}/Update`,
    () => encoded(consumers.ConsumersUpdateRequest, { ...named, paused: '' }),
    OWNERS,
    hides,
  ),
  {
    method: "`Consumers.Update` of one's own, a namespace named",
    cells: READERS,
    acts: true,
    call: async (broker, as) => {
      const name = `own-${randomUUID()}`;
      await broker.unary(
        as,
        `${CONSUMERS}/Create`,
        encoded(consumers.ConsumersCreateRequest, { name }),
      );
      const settings = { filters: [`namespace==${NAMESPACE}`] };
      const update = encoded(consumers.ConsumersUpdateRequest, { name, settings });
      return broker.unary(as, `${CONSUMERS}/Update`, update);
    },
  },
  grpc(
    'unary',
    `${CONSUMERS}/Reset`,
    () => encoded(consumers.ConsumersResetRequest, { ...named, start: past.start }),
    OWNERS,
    hides,
  ),
  grpc(
    'duplex',
    `${CONSUMERS}/Consume`,
    () => {
      const value = { consumer: CONSUMER, member: randomUUID() };
      return encoded(consumers.ConsumeRequest, { message: { $case: 'hello', value } });
    },
    OWNERS,
    hides,
  ),
  grpc(
    'stream',
    `${CONSUMERS}/ListParked`,
    () => encoded(consumers.ListParkedRequest, named),
    OWNERS,
    hides,
  ),
  grpc(
    'unary',
    `${CONSUMERS}/ReplayParked`,
    () => encoded(consumers.ReplayParkedRequest, named),
    OWNERS,
    hides,
  ),
  grpc(
    'unary',
    `${CONSUMERS}/RemoveParked`,
    () => encoded(consumers.RemoveParkedRequest, named),
    OWNERS,
    hides,
  ),
  grpc(
    'unary',
    `${CONSUMERS}/Delete`,
    () => encoded(consumers.ConsumersDeleteRequest, named),
    OWNERS,
    hides,
  ),
  grpc(
    'duplex',
    `${RECORDERS}/Attach`,
    () => {
      const value = { kind: 'docker', namespace: 'attached' };
      return encoded(AttachRequest, { message: { $case: 'daemon', value } });
    },
    [NO, NO, NO, NO],
    { when: ', which needs `publish` and `read`', acts: true },
  ),
  grpc('stream', `${RECORDERS}/ListOpen`, () => encoded(ListOpenRequest), READABLE),
  grpc('stream', `${RECORDERS}/ListOpen`, () => encoded(ListOpenRequest, selection), READERS, {
    when: inNamespace,
  }),
  grpc(
    'unary',
    `${NAMESPACES}/Get`,
    () => encoded(namespaces.GetNamespaceRequest, { name: NAMESPACE }),
    ALL,
    {
      when: ', of those that are readable',
      acts: true,
    },
  ),
  grpc('unary', `${NAMESPACES}/List`, () => Buffer.of(), ALL, {
    when: ', of those that are readable',
    acts: true,
  }),
  ...(['Create', 'Update', 'Delete'] as const).map((name) =>
    grpc(
      'unary',
      `${NAMESPACES}/${name}`,
      () =>
        name === 'Delete'
          ? encoded(namespaces.DeleteNamespaceRequest, { name: 'absent' })
          : encoded(namespaces.CreateNamespaceRequest, {
              namespace: { name: 'made', labels: new Map() },
            }),
      PUBLISHERS,
      acts,
    ),
  ),
  grpc('unary', '/containerd.services.version.v1.Version/Version', () => Buffer.of(), ALL, acts),
  grpc(
    'unary',
    '/containerd.services.introspection.v1.Introspection/Server',
    () => Buffer.of(),
    ALL,
    acts,
  ),
  grpc('unary', '/containerd.services.tasks.v1.Tasks/Get', () => Buffer.of(), ENGINES, {
    when: ' and every call that passes to a containerd',
    hasDaemons: true,
    acts: true,
  }),
];

const event = { namespace: NAMESPACE, topic: '/x' };
const HTTP_ROWS: readonly Row[] = [
  http('http', 'POST', '/v1/events', PUBLISHERS, { body: event, acts: true }),
  http('http', 'GET', '/v1/events', READABLE),
  http('http', 'GET', `/v1/events?namespace=${NAMESPACE}`, READERS, { when: inNamespace }),
  http('http', 'GET', '/v1/containers', READABLE),
  http('http', 'GET', `/v1/containers?namespace=${NAMESPACE}`, READERS, { when: inNamespace }),
  http('http', 'GET', '/v1/runs', READABLE),
  http('http', 'GET', `/v1/runs?namespace=${NAMESPACE}`, READERS, { when: inNamespace }),
  http('http', 'GET', `/v1/containers/${NAMESPACE}/${SECRET}/wait`, READERS, acts),
  http('http', 'GET', '/v1/describe', ALL, acts),
  http('http', 'GET', '/v1/readers', ALL, acts),
  http('http', 'GET', '/v1/broker', [NO, YES, NO, YES], acts),
  http('http', 'GET', '/v1/recorders', ALL, acts),
  http('http', 'GET', '/v1/consumers', ALL, acts),
  http('http', 'GET', '/metrics', READERS, acts),
  http('http', 'GET', '/v1/openapi.json', ALL, acts),
  http('http', 'GET', '/page/{name}', ALL, acts),
  http('http', 'GET', '/healthz', ALL, acts),
  http('http', 'GET', '/readyz', ALL, acts),
  http('docker', 'GET', '/events?since=0&stream=false', READERS),
  http('docker', 'POST', `/containers/${SECRET}/wait`, READERS, acts),
  http('docker', 'GET', `/containers/${SECRET}/json`, READERS),
  http('docker', 'GET', '/containers/json?all=1', READERS),
  http('docker', 'GET', '/libpod/events?since=0&stream=false', READERS),
  http('docker', 'GET', '/_ping', ALL, acts),
  http('docker', 'GET', '/version', ALL, acts),
  http('docker', 'GET', '/images/json', ENGINES, {
    when: ' and every request that passes to an engine',
    hasDaemons: true,
    acts: true,
  }),
];

export const ROWS: readonly Row[] = [...GRPC_ROWS, ...HTTP_ROWS];
