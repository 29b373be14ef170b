import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import type { EventStore } from '../../../../server/history/store.js';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerOverStore } from '../../../support/docker/docker-over-store.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { eventually } from '../../../support/eventually.js';
import { appendAll } from '../../../support/history-append.js';
import { isPending } from '../../../support/pending.js';
import { hookReads } from '../../../support/read-hooks.js';

/** Live events wait while this container is read from the store. */
const OTHER = 'c2'.repeat(32);
const SLOW = 'slow';

describe('Docker clients, while live delivery lags behind the store', () => {
  const feed = new EngineFeed('c1', 'web');
  let server: DockerOverStore;
  let goOn: () => void;
  let isHeld: boolean;

  beforeEach(async () => {
    let gate = Promise.resolve();
    isHeld = false;
    const wrap = (store: EventStore): EventStore =>
      hookReads(store, {
        before: async (_after, _limit, key) => {
          if (key?.split('\0')[1] !== SLOW) return;
          isHeld = true;
          await gate;
        },
      });
    server = await DockerOverStore.start('memory', { wrap });
    await append(feed.create(), feed.start());
    // Listing containers has opened the directory.
    expect(await server.docker.json('/containers/json')).to.have.length(1);
    gate = new Promise((resolve) => (goOn = resolve));
  });
  afterEach(() => server.stop());

  const append = (...received: Envelope[][]): Promise<void> =>
    appendAll(server.parts.store, received.flat());

  /** Stored events are not delivered live until `goOn`. */
  async function hold(): Promise<void> {
    await append(new EngineFeed(SLOW).create());
    await eventually(() => isHeld);
  }

  it('find stored containers by name', async () => {
    await hold();
    const other = new EngineFeed(OTHER, 'other');
    await append(other.create(), other.start(), feed.exit(3));
    const inspected = server.docker.json('/containers/other/json');
    const listed = server.docker.json('/containers/json');
    const client = server.parts.client();
    for (const answer of [inspected, listed]) {
      expect(await isPending(answer, client)).to.equal(true);
    }
    goOn();
    expect(await inspected).to.have.property('Id', OTHER);
    const running = ((await listed) as { Id: string }[]).map(({ Id }) => Id);
    expect(running).to.deep.equal([OTHER]);
  });

  it('wait for the next exit, not for a stored one', async () => {
    await hold();
    await append(feed.exit(1));
    const wait = server.docker.wait('c1', { condition: 'next-exit' });
    await wait.head;
    expect(await server.docker.wait('c1').text()).to.equal('{"StatusCode":1}\n');
    await append(feed.start(), feed.exit(9));
    goOn();
    expect(await wait.text()).to.equal('{"StatusCode":9}\n');
  });

  it('receive only the past events that `since` asks for', async () => {
    await hold();
    await append(feed.exit(1));
    const stream = server.docker.events({ since: '9999' });
    await stream.head;
    await append(feed.remove());
    goOn();
    const received = await stream.when((lines) => actionsOf(lines).includes('destroy'));
    expect(actionsOf(received)).to.deep.equal(['destroy']);
    stream.cancel();
  });

  it('receive by `until` all events that were stored by then', async () => {
    const until = Date.now() / 1000 + 0.2;
    const stream = server.docker.events({ since: '9999', until: until.toFixed(3) });
    await stream.head;
    await hold();
    await append(feed.exit(1), feed.remove());
    await eventually(() => Date.now() / 1000 > until + 0.1);
    goOn();
    expect(actionsOf(await stream.toEnd())).to.deep.equal(['create', 'die', 'destroy']);
  });
});
