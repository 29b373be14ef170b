import { expect } from 'chai';
import fc from 'fast-check';
import { ContainerUpdate } from '../../../../protos/gen/containerd/events/container.js';
import type { ReadRequest } from '../../../../protos/gen/foghorn/v1/history.js';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { BrokerOverStore, STORE_KINDS } from '../../../support/broker-over-store.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { recorded, recordingBegun } from '../../../support/docker/recorded-events.js';
import { appendAll } from '../../../support/history-append.js';
import { forwardAll, range } from '../../../support/history-seed.js';
import { entriesOf } from '../../../support/responses.js';
import type { TestClient } from '../../../support/test-client.js';
import { Container, envelopeOf, type Happening } from '../../../support/task-events.js';
import { runs } from '../../../support/property-runs.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;

/** Renames the container; later events show the new name. */
function renamed(id: string, name: string): Happening {
  const update = { id, image: 'busybox', labels: new Map([['nerdctl/name', name]]) };
  const value = ContainerUpdate.encode(ContainerUpdate.fromPartial(update)).finish();
  return {
    topic: '/containers/update',
    event: { typeUrl: 'containerd.events.ContainerUpdate', value },
  };
}

/** Events of a container, in any order; the number makes each unique. */
const HAPPENINGS: readonly ((id: string, n: number, namespace: string) => Envelope)[] = [
  ...[
    (container: Container) => container.made(),
    (container: Container, n: number) => renamed(container.id, `name-${n}`),
    (container: Container, n: number) => container.start(n % 3),
    (container: Container, n: number) => container.exit(n % 3, n, { exitedAt: 2000 + n }),
    (container: Container, n: number) => container.delete(n % 3, n),
    (container: Container) => container.paused(),
    (container: Container) => container.resumed(),
    (container: Container) => container.oom(),
    (container: Container) => container.execAdded('x'),
    (container: Container, n: number) => container.exit(9, n, { id: 'x' }),
  ].map(
    (happening) => (id: string, n: number, namespace: string) =>
      envelopeOf(happening(new Container(id), n), {
        namespace,
        // Unordered times, so that a start by time leaves out single entries.
        timestamp: { seconds: BigInt(1000 + ((n * 7) % 50)), nanos: n },
      }),
  ),
  (id, n, namespace) => recorded({ actorId: id, timeNano: BigInt(n) }, namespace),
  (id, n, namespace) =>
    recorded(
      { actorId: id, action: 'die', attributes: new Map([['exitCode', `${n}`]]) },
      namespace,
    ),
];

const FILTERS = [
  'topic=="/tasks/exit"',
  'topic~=exec|paused',
  // Rare, so that many entries are left out in between.
  'topic=="/tasks/oom"',
  'namespace==two',
  'topic=="/docker/container/die",namespace==one',
  'topic!="/foghorn/docker-recording"',
];

/** Readers that get a part of the history. */
const PARTIAL: readonly Partial<ReadRequest>[] = [
  ...FILTERS.map((filter) => ({ filters: [filter] })),
  { container: { namespace: 'one', containerId: 'a' } },
  { start: { $case: 'since', value: { seconds: 1025n, nanos: 0 } } },
  { until: { seconds: 1025n, nanos: 0 } },
];

interface Step {
  readonly kind: number;
  readonly id: string;
  readonly namespace: string;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.nat(HAPPENINGS.length - 1),
    id: fc.constantFrom('a', 'b'),
    namespace: fc.constantFrom('one', 'two'),
  }),
  { minLength: 5, maxLength: 120, size: 'max' },
);

/** The history of the steps; from an offset on, one namespace has a recorded engine. */
function historyOf(steps: readonly Step[], recordingAt: number): Envelope[] {
  const envelopes = steps.map(({ kind, id, namespace }, n) => HAPPENINGS[kind]!(id, n, namespace));
  return envelopes.toSpliced(recordingAt, 0, recordingBegun('one'));
}

type Shown = readonly [cursor: string, dockerEvent: string | undefined];

async function read(client: TestClient, request: Partial<ReadRequest> = {}): Promise<Shown[]> {
  const all = { start: EARLIEST, stopWhenCaughtUp: true, dockerView: true };
  const responses = await client.read({ ...all, ...request }).toEnd();
  return entriesOf(responses).map(({ cursor, dockerEvent }) => [cursor, dockerEvent]);
}

for (const kind of STORE_KINDS) {
  describe(`the Docker view of single entries, in a ${kind} store`, () => {
    it('is the same for any selection of entries', async () => {
      await fc.assert(
        fc.asyncProperty(steps, fc.nat(120), async (history, recordingAt) => {
          const server = await BrokerOverStore.start(kind);
          try {
            await appendAll(server.store, historyOf(history, recordingAt));
            const client = server.client();
            const whole = new Map(await read(client));
            for (const request of PARTIAL) {
              const part = await read(client, request);
              const expected = part.map(([cursor]) => [cursor, whole.get(cursor)]);
              expect(part, JSON.stringify(request.filters)).to.deep.equal(expected);
            }
          } finally {
            await server.stop();
          }
        }),
        // Whole servers are slow to shrink with.
        { ...runs(20), endOnFailure: true },
      );
    });

    it('is right with many entries left out in between', async () => {
      const server = await BrokerOverStore.start(kind);
      try {
        const container = new Container('web');
        const often = range(1, 1000).map((n) => renamed('web', `name-${n}`));
        const happenings = [
          container.exit(1, 0),
          ...often,
          container.start(2),
          container.exit(2, 0),
        ];
        await appendAll(
          server.store,
          happenings.map((each) => envelopeOf(each)),
        );
        const exits = await read(server.client(), { filters: ['topic=="/tasks/exit"'] });
        expect(exits.at(-1)![1]).to.contain('"name":"name-1000"');
      } finally {
        await server.stop();
      }
    });

    it('is right after earlier entries were trimmed, and for kept exits', async () => {
      const server = await BrokerOverStore.start(kind);
      try {
        const container = new Container('web');
        const noise = { topic: '/noise', event: { typeUrl: 'x', value: Buffer.alloc(0) } };
        const steps = [
          container.made(),
          renamed('web', 'first'),
          container.start(1),
          container.exit(1, 3, { exitedAt: 2001 }),
          ...range(1, 10).map(() => noise),
          container.start(2),
          renamed('web', 'second'),
          container.exit(2, 4, { exitedAt: 3001 }),
        ];
        await appendAll(
          server.store,
          steps.map((each) => envelopeOf(each)),
        );
        await server.trim({ entries: 2 });
        const exits = await read(server.client(), { filters: ['topic=="/tasks/exit"'] });
        const attributes = exits.map(([, text]) => attributesOf(text!));
        expect(attributes).to.deep.equal([
          {
            'nerdctl/name': 'first',
            image: 'busybox',
            name: 'first',
            exitCode: '3',
            execDuration: '1000',
          },
          {
            'nerdctl/name': 'second',
            image: 'busybox',
            name: 'second',
            exitCode: '4',
            execDuration: '2000',
          },
        ]);
      } finally {
        await server.stop();
      }
    });
  });
}

function attributesOf(line: string): unknown {
  const { Actor } = JSON.parse(line) as { Actor: { Attributes: unknown } };
  return Actor.Attributes;
}

describe('the Docker view of a Read', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  const container = new Container('shop-on-node-1');
  /** One run, of which Docker clients see neither the update nor the removal of the task. */
  const RUN = [
    container.made(),
    renamed('shop-on-node-1', 'shop'),
    container.start(1),
    container.execAdded('x'),
    container.exit(1, 3, { exitedAt: 2000 }),
    container.delete(1, 3),
    container.removed(),
  ];
  const ACTIONS = ['create', 'start', 'exec_create', 'die', 'destroy'];

  function textsOf(responses: Parameters<typeof entriesOf>[0]): string[] {
    return entriesOf(responses).flatMap(({ dockerEvent = [] }) => dockerEvent);
  }

  it('equals a Docker client’s events, live and later', async () => {
    const { grpc, docker } = server;
    const live = grpc.read({ dockerView: true });
    const dies = grpc.read({ dockerView: true, filters: ['topic=="/tasks/exit"'] });
    await Promise.all([live.headers, dies.headers]);
    await forwardAll(
      grpc,
      RUN.map((each) => envelopeOf(each)),
    );
    const followed = await live.when((responses) => entriesOf(responses).length === RUN.length);
    const shown = await docker.history({}, { version: '1.51' });
    expect(shown.map((line) => (JSON.parse(line) as { status: string }).status)).to.deep.equal(
      ACTIONS,
    );
    expect(textsOf(followed)).to.deep.equal(shown);
    const died = await dies.when((responses) => entriesOf(responses).length === 1);
    expect(textsOf(died)).to.deep.equal([shown[3]]);
    const later = grpc.read({ start: EARLIEST, stopWhenCaughtUp: true, dockerView: true });
    expect(entriesOf(await later.toEnd())).to.deep.equal(entriesOf(followed));
  });

  it('notices a recording that begins while a reader gets kept exits', async () => {
    const { grpc } = server;
    const dies = grpc.read({ dockerView: true, filters: ['topic=="/tasks/exit"'] });
    await dies.headers;
    const [before, after] = [new Container('before'), new Container('after')];
    await grpc.forward(envelopeOf(before.exit(1, 3)));
    await dies.when((responses) => entriesOf(responses).length === 1);
    await grpc.forward(recordingBegun());
    await grpc.forward(envelopeOf(after.exit(1, 3)));
    const exits = await dies.when((responses) => entriesOf(responses).length === 2);
    expect(textsOf(exits))
      .to.have.length(1)
      .and.match(/"id":"before"/);
  });

  it('is absent unless the reader asks for it', async () => {
    await forwardAll(
      server.grpc,
      RUN.map((each) => envelopeOf(each)),
    );
    const read = server.grpc.read({ start: EARLIEST, stopWhenCaughtUp: true });
    const entries = entriesOf(await read.toEnd());
    expect(entries).to.have.length(RUN.length);
    expect(textsOf(read.messages)).to.deep.equal([]);
  });

  it('continues after malformed payloads, as for Docker clients', async () => {
    const garbage = Buffer.from('0aff', 'hex');
    const types = [
      ...['ImageCreate', 'ImageUpdate', 'ImageDelete'].map((name) => `services.images.v1.${name}`),
      ...['TaskStart', 'ContainerCreate'].map((name) => `events.${name}`),
    ];
    const broken = types.map((type) => ({
      topic: '/images/create',
      event: { typeUrl: `containerd.${type}`, value: garbage },
    }));
    const live = server.docker.events();
    await live.head;
    await forwardAll(
      server.grpc,
      [...broken, ...RUN].map((each) => envelopeOf(each)),
    );
    const lines = await live.when(({ length }) => length >= ACTIONS.length);
    const read = server.grpc.read({ start: EARLIEST, stopWhenCaughtUp: true, dockerView: true });
    expect(textsOf(await read.toEnd())).to.have.length(lines.length);
  });
});
