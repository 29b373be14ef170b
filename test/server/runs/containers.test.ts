import { expect } from 'chai';
import { ContainerCreate } from '../../../protos/gen/containerd/events/container.js';
import { DockerContainer, DockerEvent } from '../../../protos/gen/foghorn/v1/docker.js';
import { ObservedRun } from '../../../protos/gen/foghorn/v1/run.js';
import { ContainerdContainer } from '../../../protos/gen/foghorn/v1/recording.js';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { BROKER } from '../../../server/access/caller.js';
import type { Container as ContainerAt } from '../../../protocol/container.js';
import { CONTAINER_TOPIC, dockerTopic } from '../../../protocol/docker-event.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { ContainerSelection } from '../../../server/runs/container-selection.js';
import { containersAt } from '../../../server/runs/containers-at.js';
import { knowledgeOf } from '../../../server/runs/knowledge.js';
import { runsBetween, type RunQuery } from '../../../server/runs/runs-between.js';
import { OpenWaits } from '../../../server/runs/open-waits.js';
import { Recorders } from '../../../server/recorders/recorders.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { appendAll } from '../../support/history-append.js';
import { Container, type Happening } from '../../support/task-events.js';

const ALL: ContainerSelection = {
  namespace: undefined,
  reference: undefined,
  image: undefined,
  labels: [],
};

const ID = 'a'.repeat(64);

/** Seconds after 1970 as ns. */
const at = (seconds: number): bigint => BigInt(seconds) * 1_000_000_000n;

function envelope(seconds: number, { topic, event }: Happening, namespace = 'default'): Envelope {
  return { timestamp: timestampFromNanos(at(seconds)), namespace, topic, event };
}

function made(id: string, image: string): Happening {
  const value = ContainerCreate.encode(ContainerCreate.fromPartial({ id, image })).finish();
  const event = { typeUrl: 'containerd.events.ContainerCreate', value: Buffer.from(value) };
  return { topic: '/containers/create', event };
}

/** @param created when it was created, seconds since 1970, if that was not recorded */
function described(id: string, labels: Record<string, string>, created?: number): Happening {
  const createdAt = created === undefined ? undefined : timestampFromNanos(at(created));
  const fields = { id, image: 'i', labels: new Map(Object.entries(labels)), createdAt };
  const value = ContainerdContainer.encode(fields).finish();
  const event = { typeUrl: 'foghorn.v1.ContainerdContainer', value: Buffer.from(value) };
  return { topic: '/foghorn/containerd-container', event };
}

function lost(containerId: string, pid: number, lastSeen: number): Happening {
  const observation = {
    $case: 'lost' as const,
    value: { reason: 'the host crashed', lastSeen: timestampFromNanos(at(lastSeen)) },
  };
  const value = ObservedRun.encode({ containerId, pid, observation }).finish();
  const event = { typeUrl: 'foghorn.v1.ObservedRun', value: Buffer.from(value) };
  return { topic: '/foghorn/observed-run', event };
}

/** An event of an engine, stored in namespace moby. */
function engine(
  seconds: number,
  action: string,
  attributes: Record<string, string> = {},
  actorId = ID,
): Envelope {
  const fields = DockerEvent.fromPartial({
    type: 'container',
    action,
    actorId,
    attributes: new Map(Object.entries({ name: 'web', image: 'nginx:1', ...attributes })),
    scope: 'local',
    timeNano: at(seconds),
  });
  const value = Buffer.from(DockerEvent.encode(fields).finish());
  const event = { typeUrl: 'foghorn.v1.DockerEvent', value };
  return envelope(seconds, { topic: dockerTopic(fields), event }, 'moby');
}

function describedByEngine(seconds: number, fields: Partial<DockerContainer>): Envelope {
  const container = DockerContainer.fromPartial({
    id: ID,
    name: 'web',
    image: 'nginx:1',
    ...fields,
  });
  const value = Buffer.from(DockerContainer.encode(container).finish());
  const event = { typeUrl: 'foghorn.v1.DockerContainer', value };
  return envelope(seconds, { topic: CONTAINER_TOPIC, event }, 'moby');
}

const time = (seconds: number) => ({ seconds: BigInt(seconds), nanos: 0 });

for (const kind of STORE_KINDS) {
  describe(`containers and runs at a moment, over a ${kind} store`, () => {
    let server: BrokerOverStore;
    const c = new Container('c1');

    beforeEach(async () => {
      server = await BrokerOverStore.start(kind);
    });
    afterEach(() => server.stop());

    async function containers(
      moment: number | undefined,
      { selection = {}, includeRemoved = false } = {},
    ): Promise<ContainerAt[]> {
      const { broker } = server;
      const source = { broker, recorders: new Recorders(100), waits: new OpenWaits() };
      const time = moment === undefined ? undefined : at(moment);
      const query = {
        at: time,
        ...(await knowledgeOf(source, BROKER, undefined, time)),
        selection: { ...ALL, ...selection },
        includeRemoved,
      };
      const found: ContainerAt[] = [];
      for await (const some of containersAt(server, BROKER, query)) found.push(...some);
      return found.sort((one, other) => (one.id < other.id ? -1 : 1));
    }

    async function states(moment?: number): Promise<string[]> {
      const found = await containers(moment, { includeRemoved: true });
      return found.map(({ name, state, run }) =>
        [name, state, run?.exitCode ?? run?.lostReason]
          .filter((part) => part !== '')
          .join(' ')
          .trim(),
      );
    }

    async function runs(query: Partial<RunQuery> = {}) {
      const complete = {
        since: undefined,
        until: undefined,
        failedOnly: false,
        includeOpen: false,
        selection: ALL,
        ...query,
      };
      const found: unknown[] = [];
      for await (const some of runsBetween(server, BROKER, complete)) {
        for (const { container, run } of some) {
          const { startedAt, finishedAt, exitCode, lostReason } = run;
          const seconds = (ns: bigint | undefined) => (ns === undefined ? '?' : Number(ns / at(1)));
          found.push(
            `${container.name} ${seconds(startedAt)}-${seconds(finishedAt)}: ${exitCode ?? lostReason}`,
          );
        }
      }
      return found;
    }

    it('gives the state at any moment of a life in containerd', async () => {
      await appendAll(server.store, [
        envelope(10, made('c1', 'docker.io/library/busybox:1.36')),
        envelope(20, c.create(7)),
        envelope(30, c.start(7)),
        envelope(40, c.paused()),
        envelope(50, c.resumed()),
        envelope(60, c.exit(7, 3, { exitedAt: 60 })),
        envelope(61, c.delete(7, 3, { exitedAt: 60 })),
        envelope(70, c.removed()),
      ]);
      expect(await states(9)).to.deep.equal([]);
      expect(await states(10)).to.deep.equal(['c1 created']);
      expect(await states(25)).to.deep.equal(['c1 created']);
      expect(await states(30)).to.deep.equal(['c1 running']);
      expect(await states(45)).to.deep.equal(['c1 paused']);
      expect(await states(55)).to.deep.equal(['c1 running']);
      expect(await states(60)).to.deep.equal(['c1 exited 3']);
      expect(await states(70)).to.deep.equal(['c1 removed 3']);
      expect(await containers(undefined)).to.deep.equal([]);
      expect(await runs()).to.deep.equal(['c1 30-60: 3']);
    });

    it('tells apart containers that had the same id one after the other', async () => {
      await appendAll(server.store, [
        envelope(10, made('c1', 'a')),
        envelope(20, c.start(7)),
        envelope(30, c.exit(7, 1, { exitedAt: 30 })),
        envelope(40, c.removed()),
        envelope(50, made('c1', 'b')),
      ]);
      expect(await states(45)).to.deep.equal(['c1 removed 1']);
      expect(await states()).to.deep.equal(['c1 created']);
      const [then] = await containers(20);
      const [now] = await containers(undefined);
      expect([then!.image, now!.image]).to.deep.equal(['a', 'b']);
    });

    it('knows the name of a container that is older than the recording, and not whether it ran', async () => {
      await appendAll(server.store, [
        envelope(40, described('c1', { 'nerdctl/name': 'web' }, 10)),
        envelope(60, c.start(7)),
        envelope(70, c.exit(7, 9, { exitedAt: 70 })),
      ]);
      const unknown = 'it is older than the recording, and nothing reports whether it ran';
      expect(await states(9)).to.deep.equal([]);
      expect(await states(50)).to.deep.equal([`web lost ${unknown}`]);
      expect(await states(60)).to.deep.equal(['web running']);
      expect(await states()).to.deep.equal(['web exited 9']);
      expect(await runs()).to.deep.equal(['web 60-70: 9']);
      const [found] = await containers(undefined);
      expect(found).to.deep.include({ image: 'i', createdAt: at(10) });
    });

    it('knows the labels that a container got while nothing was recorded', async () => {
      await appendAll(server.store, [
        envelope(9, described('c1', { 'nerdctl/name': 'web' })),
        envelope(10, made('c1', 'i')),
        envelope(20, c.start(7)),
        envelope(40, described('c1', { 'nerdctl/name': 'db' }, 10)),
      ]);
      expect(await states(30)).to.deep.equal(['web running']);
      expect(await states()).to.deep.equal(['db running']);
    });

    it('knows that an id was given to another container while nothing was recorded', async () => {
      await appendAll(server.store, [
        envelope(10, made('c1', 'i')),
        envelope(20, c.start(7)),
        envelope(30, c.exit(7, 9, { exitedAt: 30 })),
        envelope(31, c.removed()),
        envelope(50, described('c1', { 'nerdctl/name': 'new' }, 40)),
      ]);
      expect(await states(35)).to.deep.equal(['c1 removed 9']);
      const unknown = 'it is older than the recording, and nothing reports whether it ran';
      expect(await states()).to.deep.equal([`new lost ${unknown}`]);
    });

    it('knows that a container ran whose start is not kept', async () => {
      await appendAll(server.store, [
        envelope(10, made('other', 'a')),
        envelope(60, c.exit(7, 9, { exitedAt: 60 })),
      ]);
      expect(await states(30)).to.deep.equal(['c1 running', 'other created']);
      expect(await states(60)).to.deep.equal(['c1 exited 9', 'other created']);
      expect(await runs()).to.deep.equal(['c1 ?-60: 9']);
    });

    it('does not know whether a container ran before the history begins', async () => {
      await appendAll(server.store, [
        envelope(60, c.exit(7, 9, { exitedAt: 60 })),
        envelope(70, new Container('c2').start(8)),
      ]);
      const unknown = 'lost the history begins later, and nothing reports whether it ran then';
      expect(await states(30)).to.deep.equal([`c1 ${unknown}`, `c2 ${unknown}`]);
      expect(await states(60)).to.deep.equal(['c1 exited 9', 'c2 created']);
    });

    it('did not run before its start failed', async () => {
      await appendAll(server.store, [
        envelope(10, made('other', 'a')),
        envelope(60, c.create(0)),
        envelope(61, c.exit(0, 127, { exitedAt: 61 })),
      ]);
      expect(await states(30)).to.deep.equal(['other created']);
      expect(await states(65)).to.deep.equal(['c1 exited 127', 'other created']);
      const [found] = await containers(undefined);
      expect(found!.run!.failedToStart).to.equal(true);
    });

    it('answers from lasting entries when the others were removed', async () => {
      await appendAll(server.store, [
        envelope(10, made('c1', 'a')),
        envelope(20, c.start(7)),
        ...Array.from({ length: 50 }, (_, i) => envelope(100 + i, c.execAdded(`e${i}`))),
        envelope(200, c.exit(7, 9, { exitedAt: 200 })),
        envelope(300, c.execAdded('last')),
      ]);
      await server.trim({ entries: 1 });
      expect(await states(50)).to.deep.equal(['c1 running']);
      expect(await runs({ since: at(150) })).to.deep.equal(['c1 20-200: 9']);
      const source = {
        broker: server.broker,
        recorders: new Recorders(100),
        waits: new OpenWaits(),
      };
      expect(await knowledgeOf(source, BROKER, undefined, at(50))).to.deep.equal({
        knownFrom: at(10),
        maybeOutdated: false,
      });
    });

    it('says why an end cannot be known, and until when it was seen', async () => {
      await appendAll(server.store, [envelope(10, c.start(7)), envelope(90, lost('c1', 7, 50))]);
      expect(await states(40)).to.deep.equal(['c1 running']);
      expect(await states(60)).to.deep.equal(['c1 lost the host crashed']);
      const [found] = await containers(undefined);
      expect(found!.run!.lastSeen).to.equal(at(50));
      expect(await runs({ failedOnly: true })).to.deep.equal(['c1 10-?: the host crashed']);
    });

    it('says that a run was over when the next one began or the container was removed', async () => {
      await appendAll(server.store, [
        envelope(10, c.start(7)),
        envelope(20, c.start(8)),
        envelope(30, c.removed()),
      ]);
      expect(await runs()).to.deep.equal([
        'c1 10-?: the next run began before an end was reported',
        'c1 20-?: the container was removed before an end was reported',
      ]);
      expect(await states(15)).to.deep.equal(['c1 running']);
    });

    it('joins what an engine and the containerd below it report of a run', async () => {
      const below = new Container(ID);
      const moby = (seconds: number, happening: Happening) => envelope(seconds, happening, 'moby');
      await appendAll(server.store, [
        moby(11, below.made()),
        moby(12, below.create(7)),
        engine(10, 'create', { role: 'front' }),
        moby(13, below.start(7)),
        engine(13, 'start'),
        moby(20, below.exit(7, 137, { exitedAt: 20 })),
        moby(20, below.delete(7, 137, { exitedAt: 20 })),
        moby(20, below.removed()),
        engine(20, 'die', { exitCode: '137' }),
      ]);
      expect(await runs()).to.deep.equal(['web 13-20: 137']);
      const [found] = await containers(undefined);
      expect(found).to.include({ name: 'web', image: 'nginx:1', state: 'exited' });
      expect(found!.createdAt).to.equal(at(10));
      await appendAll(server.store, [engine(30, 'destroy')]);
      expect(await states(25)).to.deep.equal(['web exited 137']);
      expect(await states()).to.deep.equal(['web removed 137']);
    });

    it('takes an engine’s description for a container from before the recording', async () => {
      await appendAll(server.store, [
        describedByEngine(100, {
          status: 'running',
          createdAt: time(40),
          startedAt: time(50),
          labels: new Map([['a', 'b']]),
        }),
        engine(200, 'die', { exitCode: '0' }),
        engine(210, 'start'),
      ]);
      expect(await states(45)).to.deep.equal(['web created']);
      expect(await states(60)).to.deep.equal(['web running']);
      expect(await states(205)).to.deep.equal(['web exited 0']);
      expect(await states()).to.deep.equal(['web running']);
      expect(await runs()).to.deep.equal(['web 50-200: 0']);
    });

    it('takes over the end in an engine’s description', async () => {
      await appendAll(server.store, [
        describedByEngine(100, {
          status: 'exited',
          exitCode: 4,
          createdAt: time(40),
          startedAt: time(50),
          finishedAt: time(70),
        }),
      ]);
      expect(await states(60)).to.deep.equal(['web running']);
      expect(await runs()).to.deep.equal(['web 50-70: 4']);
    });

    it('does not know the end of a run of which the engine says 255', async () => {
      await appendAll(server.store, [
        describedByEngine(100, {
          status: 'exited',
          exitCode: 255,
          createdAt: time(40),
          startedAt: time(50),
          finishedAt: time(70),
        }),
      ]);
      expect(await states()).to.deep.equal(['web lost the engine does not know the code']);
    });

    it('takes the last run of a container that is restarting for ended', async () => {
      await appendAll(server.store, [
        describedByEngine(100, {
          status: 'restarting',
          exitCode: 4,
          createdAt: time(40),
          startedAt: time(50),
          finishedAt: time(70),
        }),
      ]);
      expect(await states()).to.deep.equal(['web exited 4']);
    });

    it('finds containers by id, name, prefix, image and labels', async () => {
      await appendAll(server.store, [
        envelope(9, described('abc1', { 'nerdctl/name': 'front', tier: 'one' })),
        envelope(10, made('abc1', 'docker.io/library/nginx:1.27')),
        envelope(10, made('abc2', 'redis:7')),
        envelope(10, made('abc1', 'x'), 'other'),
        engine(10, 'create'),
      ]);
      const found = async (selection: Partial<ContainerSelection>): Promise<string[]> =>
        (await containers(undefined, { selection })).map(
          ({ namespace, id }) => `${namespace}/${id}`,
        );
      expect(await found({ reference: 'abc1' })).to.have.members(['default/abc1', 'other/abc1']);
      expect(await found({ reference: 'front' })).to.deep.equal(['default/abc1']);
      expect(await found({ reference: '/web' })).to.deep.equal([`moby/${ID}`]);
      expect(await found({ reference: 'aaa' })).to.deep.equal([`moby/${ID}`]);
      expect(await found({ reference: 'abc', namespace: 'default' })).to.have.length(2);
      expect(await found({ reference: 'nothing' })).to.deep.equal([]);
      expect(await found({ image: 'nginx' })).to.have.members(['default/abc1', `moby/${ID}`]);
      expect(await found({ image: 'nginx:1.27' })).to.deep.equal(['default/abc1']);
      const label = (value?: string) => ({ labels: [{ name: 'tier', value }] });
      expect(await found(label('one'))).to.deep.equal(['default/abc1']);
      expect(await found(label())).to.deep.equal(['default/abc1']);
      expect(await found(label('two'))).to.deep.equal([]);
    });

    it('lists the runs of a span, also those that go on', async () => {
      await appendAll(server.store, [
        envelope(10, c.start(7)),
        envelope(20, c.exit(7, 0, { exitedAt: 20 })),
        envelope(30, c.start(8)),
        envelope(40, c.exit(8, 1, { exitedAt: 40 })),
        envelope(50, c.start(9)),
      ]);
      expect(await runs()).to.deep.equal(['c1 10-20: 0', 'c1 30-40: 1']);
      expect(await runs({ failedOnly: true })).to.deep.equal(['c1 30-40: 1']);
      expect(await runs({ since: at(25) })).to.deep.equal(['c1 30-40: 1']);
      expect(await runs({ until: at(25) })).to.deep.equal(['c1 10-20: 0']);
      expect(await runs({ since: at(35), includeOpen: true })).to.deep.equal([
        'c1 30-40: 1',
        'c1 50-?: ',
      ]);
    });
  });
}
