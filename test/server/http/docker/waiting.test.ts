import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { ContainerdFeed, EngineFeed } from '../../../support/docker/container-feeds.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { eventually } from '../../../support/eventually.js';
import { forwardAll } from '../../../support/history-seed.js';
import { isPending } from '../../../support/pending.js';

const ID = 'c0ffee'.repeat(11).slice(0, 64);
const CONDITIONS = ['not-running', 'next-exit', 'removed'];

describe('a wait for a container', () => {
  let directory: string;
  let server: DockerServer;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-waiting-'));
    server = await DockerServer.start({ store: `lmdb:${directory}` });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const happen = (...received: Envelope[][]): Promise<void> =>
    forwardAll(server.grpc, received.flat());

  it('has the same answer after a restart of the broker', async () => {
    const [engine, containerd] = [new EngineFeed(ID, 'web'), new ContainerdFeed('c2')];
    for (const feed of [engine, containerd]) {
      await happen(feed.create(), feed.start(), feed.exit(42));
    }
    await server.stop();
    server = await DockerServer.start({ store: `lmdb:${directory}` });
    for (const name of ['web', ID, 'c0ffee', 'c2']) {
      expect(await server.docker.wait(name).text()).to.equal('{"StatusCode":42}\n');
    }
    // Both are running again.
    for (const feed of [engine, containerd]) {
      const wait = server.docker.wait(feed.id, { condition: 'next-exit' });
      await wait.head;
      await happen(feed.start(), feed.exit(43));
      expect(await wait.text()).to.equal('{"StatusCode":43}\n');
    }
  });

  it('ends with an event that its recorder stores late, after a restart', async () => {
    const earlier = { actorId: ID, timeNano: 1n };
    await happen([recorded({ ...earlier, action: 'start' })]);
    const wait = server.docker.wait(ID);
    await wait.head;
    const attributes = new Map([['exitCode', '42']]);
    await happen([
      recorded({ ...earlier, action: 'die', timeNano: 2n, attributes, replayed: true }),
    ]);
    expect(await wait.text()).to.equal('{"StatusCode":42}\n');
  });

  it('holds its headers back before API 1.30, and answers with a length', async () => {
    const feed = new EngineFeed(ID);
    await happen(feed.create(), feed.start());
    const wait = server.docker.wait(ID, { condition: 'removed' }, { version: '1.29' });
    await eventually(async () => (await server.grpc.describe()).subscriptionCount === 1);
    expect(await isPending(wait.head, server.grpc)).to.equal(true);
    await happen(feed.exit(6));
    expect((await wait.head).headers['content-length']).to.equal('17');
    expect(await wait.text()).to.equal('{"StatusCode":6}\n');
  });

  it('is over when the container is removed, with the last exit code', async () => {
    const feed = new EngineFeed(ID);
    await happen(feed.create(), feed.start(), feed.exit(6));
    const waits = ['next-exit', 'removed'].map((condition) =>
      server.docker.wait(ID, { condition }),
    );
    for (const wait of waits) await wait.head;
    for (const wait of waits) expect(await isPending(wait.end, server.grpc)).to.equal(true);
    await happen(feed.remove());
    for (const wait of waits) expect(await wait.text()).to.equal('{"StatusCode":6}\n');
  });

  it('continues while the container is paused, and through events that are no end', async () => {
    const feed = new EngineFeed(ID);
    await happen(feed.create(), feed.start(), [feed.tell('pause')]);
    const wait = server.docker.wait(ID);
    await wait.head;
    const actions = ['unpause', 'oom', 'kill', 'exec_die', 'health_status: unhealthy', 'stop'];
    await happen(actions.map((action) => feed.tell(action, { exitCode: '1' })));
    expect(await isPending(wait.end, server.grpc)).to.equal(true);
    await happen(feed.exit(137));
    expect(await wait.text()).to.equal('{"StatusCode":137}\n');
  });

  it('is answered for every client, with the exit of its own container', async () => {
    const feeds = Array.from({ length: 20 }, (_, n) => new ContainerdFeed(`c${n}.`));
    for (const feed of feeds) await happen(feed.create(), feed.start());
    const waits = feeds.flatMap((feed, n) =>
      [0, 1, 2].map(() => ({ n, wait: server.client().wait(feed.id) })),
    );
    for (const { wait } of waits) await wait.head;
    await happen(...feeds.map((feed, n) => feed.exit(n)));
    for (const { n, wait } of waits) expect(await wait.text()).to.equal(`{"StatusCode":${n}}\n`);
  });

  it('finds a container that is recorded shortly after the request', async () => {
    const feed = new EngineFeed(ID);
    const wait = server.docker.wait(ID, { condition: 'next-exit' });
    await eventually(async () => (await server.grpc.describe()).subscriptionCount === 1);
    await happen(feed.create(), feed.start(), feed.exit(8));
    expect(await wait.text()).to.equal('{"StatusCode":8}\n');
  });

  it('is answered by the event that makes the container known', async () => {
    for (const condition of CONDITIONS) {
      const id = `${ID.slice(1)}${CONDITIONS.indexOf(condition)}`;
      const feed = new EngineFeed(id);
      const wait = server.docker.wait(id, { condition });
      await eventually(async () => (await server.grpc.describe()).subscriptionCount === 1);
      await happen(feed.exit(8));
      await wait.head;
      if (condition === 'removed') await happen(feed.remove());
      expect(await wait.text()).to.equal('{"StatusCode":8}\n');
      await eventually(async () => (await server.grpc.describe()).subscriptionCount === 0);
    }
  });

  describe('whose end was not reported', () => {
    const message = (id: string): string => `how container ${id} ended was never reported`;
    const refused = (id: string): string => `${JSON.stringify({ message: message(id) })}\n`;
    const ended = (id: string): string =>
      `${JSON.stringify({ StatusCode: 255, Error: { Message: message(id) } })}\n`;

    /** Events of a container that is gone, or of which too little is known. */
    const STORIES: Readonly<Record<string, readonly string[]>> = {
      'it ran when it was removed': ['create', 'start', 'destroy'],
      'it ran again when it was removed': ['create', 'start', 'die 3', 'start', 'destroy'],
      'it was only seen to be removed': ['destroy'],
      'it was renamed, and nobody knows whether it runs': ['rename'],
      'it was paused and removed': ['pause', 'destroy'],
      'it ran out of memory and was removed': ['oom', 'destroy'],
      'it died, and that was all': ['create', 'start', 'die'],
      'it died before, but not of what': ['die', 'destroy'],
      'what it died of is no number': ['create', 'start', 'die x'],
    };

    for (const [what, actions] of Object.entries(STORIES)) {
      it(`fails, and invents no exit code: ${what}`, async () => {
        const feed = new EngineFeed(ID);
        await happen(
          actions.map((action) => {
            const [verb = '', exitCode] = action.split(' ');
            return feed.tell(verb, exitCode === undefined ? {} : { exitCode });
          }),
        );
        for (const version of ['1.29', '1.33', '1.41']) {
          const wait = server.docker.wait(ID, '', { version });
          expect((await wait.head).status).to.equal(500);
          expect(await wait.text()).to.equal(refused(ID));
        }
      });
    }

    it('continues after an out-of-memory event, because the container runs', async () => {
      const feed = new EngineFeed(ID);
      await happen([feed.tell('oom')]);
      const wait = server.docker.wait(ID);
      await wait.head;
      expect(await isPending(wait.end, server.grpc)).to.equal(true);
      await happen(feed.exit(137));
      expect(await wait.text()).to.equal('{"StatusCode":137}\n');
    });

    it('fails if that is reported during the wait', async () => {
      const feed = new EngineFeed(ID);
      await happen(feed.create(), feed.start());
      const waits = CONDITIONS.map((condition) => server.docker.wait(ID, { condition }));
      for (const wait of waits) await wait.head;
      await happen(feed.remove());
      for (const wait of waits) expect(await wait.text()).to.equal(ended(ID));
    });

    it("fails by containerd's events as well", async () => {
      const feed = new ContainerdFeed('c2');
      await happen(feed.create(), feed.start(), feed.remove());
      expect(await server.docker.wait('c2').text()).to.equal(refused('c2'));
    });

    it('is 0 for a container that its engine has not started, until it is removed', async () => {
      const feed = new EngineFeed(ID);
      await happen(feed.create());
      expect(await server.docker.wait(ID).text()).to.equal('{"StatusCode":0}\n');
      await happen(feed.remove());
      expect(await server.docker.wait(ID).text()).to.equal(refused(ID));
    });

    it('fails for one that containerd deleted without a task, as after a failed start', async () => {
      const feed = new ContainerdFeed('c2');
      await happen(feed.create());
      const begun = server.docker.wait('c2', { condition: 'next-exit' });
      await begun.head;
      await happen(feed.remove());
      expect(await begun.text()).to.equal(ended('c2'));
      expect(await server.docker.wait('c2').text()).to.equal(refused('c2'));
    });
  });

  it('leaves nothing behind, answered or cancelled', async () => {
    const feed = new EngineFeed(ID);
    await happen(feed.create(), feed.start());
    const gone = server.client().wait(ID);
    const stays = server.client().wait(ID);
    await Promise.all([gone.head, stays.head]);
    gone.cancel();
    await happen(feed.exit(2));
    expect(await stays.text()).to.equal('{"StatusCode":2}\n');
    await eventually(async () => (await server.grpc.describe()).subscriptionCount === 0);
  });
});
