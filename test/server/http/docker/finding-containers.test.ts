import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { ContainerdFeed, EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';

const ID = 'c0ffee'.repeat(11).slice(0, 64);
const OTHER_ID = `c0ffed${ID.slice(6)}`;

describe('the container that a request names', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  const happen = (...received: Envelope[][]): Promise<void> =>
    forwardAll(server.grpc, received.flat());

  const pathOf = (name: string): string => `/containers/${encodeURIComponent(name)}/json`;

  async function idOf(name: string): Promise<string> {
    const inspected = (await server.docker.json(pathOf(name))) as { readonly Id: string };
    return inspected.Id;
  }

  async function expectRefusal(name: string, status: number, message: string): Promise<void> {
    for (const answer of [
      await server.docker.ask('GET', pathOf(name)),
      await server.docker.ask('POST', `/containers/${encodeURIComponent(name)}/wait`),
    ]) {
      expect(answer.status).to.equal(status);
      expect(answer.body).to.equal(`${JSON.stringify({ message })}\n`);
    }
  }

  it('is found by its id, its name, its name with a slash, and the beginning of its id', async () => {
    const feed = new EngineFeed(ID, 'web');
    await happen(feed.create(), feed.start(), feed.exit(3));
    for (const name of [ID, 'web', '/web', ID.slice(0, 12), 'c']) {
      expect(await idOf(name)).to.equal(ID);
      expect(await server.docker.wait(name).text()).to.equal('{"StatusCode":3}\n');
    }
  });

  it('is found by its newest events', async () => {
    await expectRefusal('n0', 404, 'No such container: n0');
    for (let n = 0; n < 100; n++) {
      await happen(new EngineFeed(String(n).padStart(64, '0'), `n${n}`).create());
      expect(await idOf(`n${n}`)).to.equal(String(n).padStart(64, '0'));
    }
  });

  for (const name of [
    'nosuch',
    'web2',
    'we',
    'WEB',
    'c0ffef',
    '/c0ffee',
    '__proto__',
    'a/b',
    '/docker',
    'a b?&=%#',
    '\u0000',
    'größer',
    'x'.repeat(300),
    'x'.repeat(5000),
    `${ID}0`,
    ID.replace('c', 'd'),
  ]) {
    it(`is unknown by the name ${JSON.stringify(name.slice(0, 20))}`, async () => {
      const feed = new EngineFeed(ID, 'web');
      await happen(feed.create());
      // Longer than any id, so it is cut.
      const shown = name.length > 255 ? `${name.slice(0, 255)}…` : name;
      await expectRefusal(name, 404, `No such container: ${shown}`);
    });
  }

  it('is ambiguous if several ids begin so', async () => {
    const feeds = [new EngineFeed(ID, 'one'), new EngineFeed(OTHER_ID, 'two')];
    await happen(...feeds.map((feed) => feed.create()));
    await expectRefusal('c0ff', 400, 'multiple IDs found with provided prefix: c0ff');
    expect(await idOf('c0ffee')).to.equal(ID);
    expect(await idOf('c0ffed')).to.equal(OTHER_ID);
    // A name takes precedence over the beginning of an id.
    await happen(new EngineFeed('a'.repeat(64), 'c0ff').create());
    expect(await idOf('c0ff')).to.equal('a'.repeat(64));
  });

  it('has its new name, and not the old one, after it was renamed', async () => {
    const feed = new EngineFeed(ID, 'before');
    await happen(feed.create(), feed.start());
    expect(await idOf('before')).to.equal(ID);
    const renamed = new EngineFeed(ID, 'after');
    const attributes = { name: 'after', oldName: '/before' };
    await happen([feed.tell('rename', attributes)]);
    expect(await idOf('after')).to.equal(ID);
    await expectRefusal('before', 404, 'No such container: before');
    const wait = server.docker.wait('after');
    await wait.head;
    await happen(renamed.exit(4));
    expect(await wait.text()).to.equal('{"StatusCode":4}\n');
  });

  it('keeps its waiters when it is renamed while they wait', async () => {
    const feed = new EngineFeed(ID, 'before');
    await happen(feed.create(), feed.start());
    const wait = server.docker.wait('before');
    await wait.head;
    await happen([feed.tell('rename', { name: 'after', oldName: '/before' })]);
    const other = new EngineFeed(OTHER_ID, 'before');
    await happen(other.create(), other.start(), other.exit(9), feed.exit(4));
    expect(await wait.text()).to.equal('{"StatusCode":4}\n');
  });

  it('answers waits when it is removed, and is inspected no more', async () => {
    for (const feed of [new EngineFeed(ID, 'web'), new ContainerdFeed('c2')]) {
      await happen(feed.create(), feed.start(), feed.exit(5), feed.remove());
      for (const condition of ['', 'not-running', 'next-exit', 'removed']) {
        const text = await server.docker.wait(feed.id, { condition }).text();
        expect(text).to.equal('{"StatusCode":5}\n');
      }
      expect((await server.docker.ask('GET', pathOf(feed.id))).status).to.equal(404);
    }
    expect(await server.docker.wait('web').text()).to.equal('{"StatusCode":5}\n');
    expect(await server.docker.wait('c0ffee').text()).to.equal('{"StatusCode":5}\n');
  });

  it('is the existing one if earlier ones had its name', async () => {
    const older = new EngineFeed(ID, 'web');
    const newer = new EngineFeed(OTHER_ID, 'web');
    await happen(older.create(), older.start(), older.exit(1), older.remove());
    await happen(newer.create(), newer.start(), newer.exit(2));
    expect(await idOf('web')).to.equal(OTHER_ID);
    expect(await server.docker.wait('web').text()).to.equal('{"StatusCode":2}\n');
    await happen(newer.remove());
    expect(await server.docker.wait('web').text()).to.equal('{"StatusCode":2}\n');
    expect(await server.docker.wait(ID).text()).to.equal('{"StatusCode":1}\n');
  });

  it('is the existing one, whatever a removed one was called', async () => {
    const removed = new ContainerdFeed('c0ffee');
    const named = new EngineFeed('d'.repeat(64), 'c0ff');
    await happen(removed.create(), removed.start(), removed.exit(1), removed.remove());
    await happen(named.create(), named.remove());
    const there = new EngineFeed(ID, 'web');
    await happen(there.create(), there.start(), there.exit(2));
    // The id of one removed container and the name of another are beginnings of the other's id.
    for (const name of ['c0ffee', 'c0ff']) {
      expect(await idOf(name)).to.equal(ID);
      expect(await server.docker.wait(name).text()).to.equal('{"StatusCode":2}\n');
    }
  });

  it('is not an image, volume or network', async () => {
    await happen(
      ['image', 'volume', 'network'].map((type) =>
        recorded({ type, action: 'create', actorId: 'thing', timeNano: 1n }),
      ),
    );
    await expectRefusal('thing', 404, 'No such container: thing');
    expect(await server.docker.json('/containers/json?all=1')).to.deep.equal([]);
  });

  it('belongs to the shown namespace', async () => {
    const attributes = new Map([['name', 'web']]);
    await happen([recorded({ action: 'create', actorId: ID, attributes, timeNano: 1n }, 'moby')]);
    await expectRefusal('web', 404, 'No such container: web');
  });
});
