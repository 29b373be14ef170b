import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';
import { isPending } from '../../../support/pending.js';

const DAY = 86_400;

const inSeconds = (seconds: number): string => (Date.now() / 1000 + seconds).toFixed(3);

describe('live events of GET /events', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
    await report('before');
  });
  afterEach(() => server.stop());

  let time = 1_000n;

  function report(action: string, changes: { replayed?: boolean; timeNano?: bigint } = {}) {
    return server.grpc.forward(recorded({ action, timeNano: (time += 1n), ...changes }));
  }

  it('begin when the client has connected', async () => {
    const stream = server.docker.events();
    await stream.head;
    await report('after');
    expect(actionsOf(await stream.when(({ length }) => length > 0))).to.deep.equal(['after']);
    stream.cancel();
  });

  for (const query of [{ since: '0' }, { until: inSeconds(3600) }]) {
    const [parameter] = Object.keys(query);
    it(`follow the past that ${parameter} asks for, without a gap or a repeat`, async () => {
      const stream = server.docker.events(query);
      await report('meanwhile');
      await stream.head;
      await report('after');
      const received = await stream.when((lines) => actionsOf(lines).includes('after'));
      expect(actionsOf(received)).to.deep.equal(['before', 'meanwhile', 'after']);
      stream.cancel();
    });
  }

  it('end at `until`', async () => {
    const stream = server.docker.events({ until: inSeconds(1.5) });
    await stream.when(({ length }) => length === 1);
    await report('during');
    expect(actionsOf(await stream.toEnd())).to.deep.equal(['before', 'during']);
    await report('late');
    const past = await server.docker.events({ until: inSeconds(0) }).toEnd();
    expect(actionsOf(past)).to.deep.equal(['before', 'during', 'late']);
  });

  it('continue until a distant time', async () => {
    // Longer than Node's longest timer.
    const stream = server.docker.events({ until: inSeconds(40 * DAY) });
    await stream.when(({ length }) => length === 1);
    expect(await isPending(stream.end, server.grpc)).to.equal(true);
    await report('after');
    await stream.when(({ length }) => length === 2);
    stream.cancel();
  });

  it('are never compared with `since` or `until`', async () => {
    const future = BigInt(Date.now()) * 1_000_000n + 3_600_000_000_000n;
    const stream = server.docker.events({ since: inSeconds(600), until: inSeconds(1200) });
    await stream.head;
    await report('old');
    await report('far ahead', { timeNano: future });
    const lines = await stream.when(({ length }) => length === 2);
    expect(actionsOf(lines)).to.deep.equal(['old', 'far ahead']);
    stream.cancel();
  });

  it('do not include late recordings, unless the client has asked for the past', async () => {
    const live = server.docker.events();
    const resumed = server.docker.events({ since: '0' });
    await Promise.all([live.head, resumed.head]);
    await report('long ago', { replayed: true });
    await report('now');
    expect(actionsOf(await live.when(({ length }) => length > 0))).to.deep.equal(['now']);
    const all = await resumed.when(({ length }) => length === 3);
    expect(actionsOf(all)).to.deep.equal(['before', 'long ago', 'now']);
    for (const stream of [live, resumed]) stream.cancel();
  });

  it('include current events of a recorder that had been away', async () => {
    const stream = server.docker.events();
    await stream.head;
    const soon = BigInt(Date.now() + 60_000) * 1_000_000n;
    await report('after all', { replayed: true, timeNano: soon });
    expect(actionsOf(await stream.when(({ length }) => length > 0))).to.deep.equal(['after all']);
    stream.cancel();
  });

  it('pass filters like past events', async () => {
    const filters = JSON.stringify({ event: ['wanted'] });
    const stream = server.docker.events({ since: '0', filters });
    await stream.head;
    for (const action of ['wanted', 'unwanted', 'wanted']) await report(action);
    const lines = await stream.when(({ length }) => length === 2);
    expect(actionsOf(lines)).to.deep.equal(['wanted', 'wanted']);
    expect(await server.docker.history({ filters })).to.deep.equal(lines);
    stream.cancel();
  });

  it('belong to one namespace', async () => {
    const stream = server.docker.events({ since: '0' });
    await stream.head;
    await forwardAll(server.grpc, [
      recorded({ action: 'elsewhere', timeNano: 1n }, 'moby'),
      recorded({ action: 'here', timeNano: 1n }),
    ]);
    const lines = await stream.when(({ length }) => length === 2);
    expect(actionsOf(lines)).to.deep.equal(['before', 'here']);
    stream.cancel();
  });
});
