import { expect } from 'chai';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { eventually } from '../../../support/eventually.js';
import { forwardAll } from '../../../support/history-seed.js';

describe('a server that drains, to Docker clients', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  it('ends streams as dockerd does, after all events', async () => {
    const feed = new EngineFeed('c1');
    const live = server.docker.events();
    const until = server.docker.events({ until: '99999999999' });
    await Promise.all([live.head, until.head]);
    await forwardAll(server.grpc, [...feed.create(), ...feed.start()]);
    await server.server.drain();
    for (const stream of [live, until]) {
      expect(actionsOf(await stream.toEnd())).to.deep.equal(['create', 'start']);
    }
  });

  it('does not answer waits without a known end', async () => {
    const feed = new EngineFeed('c1');
    await forwardAll(server.grpc, [...feed.create(), ...feed.start()]);
    const waits = ['not-running', 'next-exit', 'removed'].map((condition) =>
      server.docker.wait('c1', { condition }),
    );
    for (const wait of waits) expect(await wait.head).to.have.property('status', 200);
    await server.server.drain();
    for (const wait of waits) {
      expect(await wait.end).to.equal('cut');
      expect(wait.lines).to.deep.equal([]);
    }
  });

  it('refuses a wait whose headers it has not sent', async () => {
    const feed = new EngineFeed('c1');
    await forwardAll(server.grpc, [...feed.create(), ...feed.start()]);
    const wait = server.docker.wait('c1', '', { version: '1.29' });
    await eventually(async () => (await server.grpc.describe()).subscriptionCount === 1);
    await server.server.drain();
    expect(await wait.head).to.have.property('status', 503);
    expect(await wait.text()).to.equal('{"message":"the broker is shutting down"}\n');
  });

  it('does not wait for clients that keep their connections', async () => {
    const connections = [0, 1, 2].map(
      () => new RawConnection({ path: server.server.dockerSocket }),
    );
    const [idle, streaming, pinged] = connections;
    idle!.ask('GET /_ping');
    await idle!.answer();
    streaming!.ask('GET /events');
    await streaming!.head();
    pinged!.ask('HEAD /_ping');
    await pinged!.head();
    await server.server.drain();
    expect(await streaming!.chunk()).to.equal(undefined);
    await Promise.all(connections.map(({ closed }) => closed));
    // Well before the server cuts connections whose clients do not read.
  }).timeout(4000);
});
