import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { ContainerdFeed, EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { toldEvent } from '../../../support/docker/event-lines.js';
import { recorded, recordingBegun } from '../../../support/docker/recorded-events.js';
import { eventually } from '../../../support/eventually.js';
import { forwardAll, range } from '../../../support/history-seed.js';
import { RedisServer } from '../../../support/redis/redis-server.js';

const ID = 'c0ffee'.repeat(11).slice(0, 64);

describe('Docker clients of two brokers on one Redis', () => {
  let redis: RedisServer;
  let first: DockerServer;
  let second: DockerServer;

  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.stop());
  beforeEach(async () => {
    first = await DockerServer.start({ store: redis.url });
    second = await DockerServer.start({ store: redis.url });
  });
  afterEach(async () => {
    await Promise.all([first.stop(), second.stop()]);
    await redis.client().flushall();
  });

  const happen = (...received: Envelope[][]): Promise<void> =>
    forwardAll(first.grpc, received.flat());

  it('see the events of both, in the same order and byte by byte', async () => {
    const streams = [first, second].map(({ docker }) => docker.events({ after: '' }));
    for (const stream of streams) await stream.head;
    const feeds = range(1, 20).map((n) => new ContainerdFeed(`c${n}.`));
    const lives = feeds.map((feed, n) => [
      ...feed.create(),
      ...feed.start(),
      ...feed.exit(n),
      ...feed.remove(),
    ]);
    await Promise.all(
      lives.map((envelopes, n) => forwardAll([first, second][n % 2]!.grpc, envelopes)),
    );
    const [here, there] = await Promise.all(
      streams.map((stream) => stream.when(({ length }) => length >= 80)),
    );
    expect(here).to.deep.equal(there);
    for (const { docker } of [first, second]) {
      expect(await docker.history({ after: '' })).to.deep.equal(here);
    }
    // A cursor of one broker is valid at the other.
    const { cursor } = toldEvent(here![29]!);
    const rest = await second.docker.events({ after: cursor!, stream: 'false' }).toEnd();
    expect(rest).to.deep.equal(here!.slice(30));
    for (const stream of streams) stream.cancel();
  });

  it('see at one broker at once what the other has acknowledged', async () => {
    for (const n of range(1, 50)) {
      const feed = new EngineFeed(String(n).padStart(64, '0'), `name-${n}.`);
      await happen(feed.create(), feed.start(), feed.exit(n));
      expect(await second.docker.history()).to.have.length(3 * n);
      expect(await second.docker.wait(`name-${n}.`).text()).to.equal(`{"StatusCode":${n}}\n`);
      expect(await second.docker.json('/containers/json?all=1')).to.have.length(n);
    }
  });

  it('wait at one broker for events of the other', async () => {
    const feeds = [new EngineFeed(ID, 'web'), new ContainerdFeed('c2')];
    for (const feed of feeds) await happen(feed.create(), feed.start());
    const waits = feeds.map((feed) => second.docker.wait(feed.id, { condition: 'next-exit' }));
    for (const wait of waits) await wait.head;
    await happen(...feeds.map((feed, n) => feed.exit(40 + n)));
    expect(await waits[0]!.text()).to.equal('{"StatusCode":40}\n');
    expect(await waits[1]!.text()).to.equal('{"StatusCode":41}\n');
  });

  it("see an engine's events at both from the recording on", async () => {
    const live = second.docker.events();
    await live.head;
    const containerd = new ContainerdFeed('c1');
    const engine = new EngineFeed('c1', 'web');
    await happen(containerd.create(), [recordingBegun()], containerd.start(), engine.start());
    await forwardAll(second.grpc, containerd.exit(1));
    await happen([recorded({ type: 'daemon', action: 'last', timeNano: 1n })]);
    const received = await live.when((lines) => lines.some((line) => line.includes('"last"')));
    expect(received.map((line) => toldEvent(line).action)).to.deep.equal([
      'create',
      'start',
      'last',
    ]);
    for (const { docker } of [first, second]) {
      expect(await docker.history()).to.deep.equal(received);
    }
    live.cancel();
  });

  it('are disconnected when the history is lost, and receive no exit code that is unknown', async () => {
    const feed = new EngineFeed(ID, 'web');
    await happen(feed.create(), feed.start());
    const [events] = await second.docker.history({ after: '' });
    const { cursor } = toldEvent(events!);
    const servers = [first, second];
    const streams = servers.flatMap(({ docker }) => [
      docker.events(),
      docker.events({ since: '0' }),
    ]);
    const waits = servers.map(({ docker }) => docker.wait('web'));
    await Promise.all([...streams, ...waits].map(({ head }) => head));
    await redis.client().flushall();
    await Promise.all(streams.map(({ end }) => end));
    for (const wait of waits) {
      expect(await wait.end).to.equal('cut');
      expect(wait.lines).to.deep.equal([]);
    }
    const again = new EngineFeed(ID, 'web');
    await eventually(async () => {
      const { status } = await first.docker.ask('GET', '/containers/web/json');
      return status === 404;
    });
    await happen(again.create(), again.start(), again.exit(5));
    for (const { docker } of servers) {
      expect(await docker.history()).to.have.length(3);
      expect(await docker.wait('web').text()).to.equal('{"StatusCode":5}\n');
      const gone = await docker.ask('GET', '/events', { query: { after: cursor! } });
      expect(gone.status).to.equal(410);
    }
  });
});
