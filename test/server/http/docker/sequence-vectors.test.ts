import { expect } from 'chai';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';
import { httpVectorsOf } from './http-vectors.js';

const ID = 'ab12'.repeat(16);

/** Steps of dockerd's own tests, by name. */
const SEQUENCES: Readonly<Record<string, (server: DockerServer) => Promise<void>>> = {
  async TestEventsContainerEvents({ docker, grpc }) {
    const feed = new EngineFeed(ID, 'web');
    const attach = feed.tell('attach');
    await forwardAll(grpc, [...feed.create(), attach, ...feed.start()]);
    await forwardAll(grpc, [...feed.exit(0), ...feed.remove()]);
    const [vector] = httpVectorsOf('sequence').filter(({ expect: received }) =>
      Array.isArray(received),
    );
    expect(actionsOf(await docker.history())).to.deep.equal(vector!.expect);
  },

  async TestEventsContainerRestart({ docker, grpc }) {
    const feed = new EngineFeed(ID);
    await forwardAll(grpc, feed.create());
    for (let run = 0; run < 4; run++) await forwardAll(grpc, [...feed.start(), ...feed.exit(1)]);
    const count = async (action: string): Promise<number> =>
      (await docker.history({ filters: JSON.stringify({ event: [action] }) })).length;
    expect(await count('create')).to.equal(1);
    expect(await count('start')).to.equal(4);
    expect(await count('die')).to.equal(4);
  },

  async TestEventsFilterContainer({ docker, grpc }) {
    const one = new EngineFeed(ID, 'one');
    const other = new EngineFeed('cd34'.repeat(16), 'another');
    for (const feed of [one, other]) {
      const attach = feed.tell('attach');
      await forwardAll(grpc, [...feed.create(), attach, ...feed.start(), ...feed.exit(0)]);
    }
    for (const container of [one.id, one.name]) {
      const received = await docker.history({
        filters: JSON.stringify({ container: [container] }),
      });
      expect(actionsOf(received)).to.deep.equal(['create', 'attach', 'start', 'die']);
      expect(received.every((line) => line.includes(`"id":"${ID}"`))).to.equal(true);
    }
  },

  async TestEventsSinceInTheFuture({ docker }) {
    const answer = await docker.ask('GET', '/events', { query: { since: '20', until: '10' } });
    expect(answer.status).to.equal(400);
    expect(answer.body).to.include('cannot be after `until`');
  },

  async TestNetworkEvents({ docker, grpc }) {
    await eventsOf(grpc, 'network', ['create', 'connect', 'disconnect', 'destroy']);
    const filters = JSON.stringify({ type: { network: true }, network: { thing: true } });
    const received = await docker.history({ filters });
    expect(actionsOf(received)).to.deep.equal(['create', 'connect', 'disconnect', 'destroy']);
  },

  async TestEventsPluginOps({ docker, grpc }) {
    await eventsOf(grpc, 'plugin', ['pull', 'enable', 'disable', 'remove']);
    const received = await docker.history({ filters: JSON.stringify({ type: ['plugin'] }) });
    expect(actionsOf(received)).to.deep.equal(['pull', 'enable', 'disable', 'remove']);
  },

  async TestEventsContainerFilterBeforeCreate({ docker, grpc }) {
    const live = docker.events({ filters: JSON.stringify({ container: ['foo'] }) });
    await live.head;
    const bar = new EngineFeed('cd34'.repeat(16), 'bar');
    const foo = new EngineFeed(ID, 'foo');
    await forwardAll(grpc, [...bar.create(), ...foo.create(), ...bar.start(), ...foo.start()]);
    const received = await live.when(({ length }) => length >= 2);
    expect(actionsOf(received)).to.deep.equal(['create', 'start']);
    expect(received.every((line) => line.includes('"name":"foo"'))).to.equal(true);
    live.cancel();
  },

  async TestDaemonEventsWithFilters({ docker, grpc }) {
    await eventsOf(grpc, 'daemon', ['reload']);
    const count = async (filters: object): Promise<number> =>
      (await docker.history({ filters: JSON.stringify(filters) })).length;
    expect(await count({ daemon: ['id-of-daemon'] })).to.equal(1);
    expect(await count({ daemon: ['foo'] })).to.equal(0);
    expect(await count({ type: ['daemon'] })).to.equal(1);
    expect(await count({ type: ['container'] })).to.equal(0);
  },
};

/** An engine's event that is not about a container. */
function eventsOf(grpc: DockerServer['grpc'], type: string, actions: string[]): Promise<void> {
  const attributes = new Map([['name', 'thing']]);
  const envelopes = actions.map((action, at) =>
    recorded({ type, action, actorId: `id-of-${type}`, attributes, timeNano: BigInt(at + 1) }),
  );
  return forwardAll(grpc, envelopes);
}

describe("sequences of dockerd's own tests", () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  for (const { name } of httpVectorsOf('sequence')) {
    it(name, async () => {
      await SEQUENCES[name]!(server);
    });
  }
});
