import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf, toldEvent } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll, range } from '../../../support/history-seed.js';

const COUNT = 12;

describe('GET /events, resumed by cursor', () => {
  let server: DockerServer;
  const actions = range(1, COUNT).map((n) => `action_${n}`);

  beforeEach(async () => {
    server = await DockerServer.start();
    // All have the same time, so that `since` cannot tell them apart.
    await report(actions);
  });
  afterEach(() => server.stop());

  function report(named: readonly string[]): Promise<void> {
    return forwardAll(
      server.grpc,
      named.map((action) => recorded({ action, timeNano: 7n })),
    );
  }

  const cursorsOf = (lines: readonly string[]): string[] =>
    lines.map((line) => toldEvent(line).cursor!);

  it('has no cursors unless a client asks for them', async () => {
    for (const line of await server.docker.history()) expect(line).to.not.include('cursor');
  });

  it('has a cursor in each event, and is otherwise the same', async () => {
    const plain = await server.docker.history();
    const received = await server.docker.history({ after: '' });
    expect(new Set(cursorsOf(received))).to.have.property('size', COUNT);
    expect(received.map((line) => line.replace(/,"cursor":"[^"]+"}$/, '}'))).to.deep.equal(plain);
  });

  it('resumes exactly after each cursor', async () => {
    const cursors = cursorsOf(await server.docker.history({ after: '' }));
    for (const [place, after] of cursors.entries()) {
      const rest = await server.docker.events({ after, stream: 'false' }).toEnd();
      expect(actionsOf(rest)).to.deep.equal(actions.slice(place + 1));
      expect(cursorsOf(rest)).to.deep.equal(cursors.slice(place + 1));
    }
  });

  it('continues with live events, whose cursors are valid, too', async () => {
    const cursors = cursorsOf(await server.docker.history({ after: '' }));
    const stream = server.docker.events({ after: cursors[9]! });
    await stream.when(({ length }) => length === 2);
    await report(['more', 'most']);
    const received = await stream.when(({ length }) => length === 4);
    expect(actionsOf(received)).to.deep.equal(['action_11', 'action_12', 'more', 'most']);
    stream.cancel();
    const [last] = await server.docker
      .events({ after: cursorsOf(received)[2]!, stream: 'false' })
      .toEnd();
    expect(last).to.equal(received[3]);
  });

  it('has only live events if the cursor is empty', async () => {
    const stream = server.docker.events({ after: '' });
    await stream.head;
    await report(['now']);
    const [line] = await stream.when(({ length }) => length === 1);
    expect(toldEvent(line!).action).to.equal('now');
    expect(toldEvent(line!).cursor).to.be.a('string');
    stream.cancel();
  });

  it('applies filters and a limit', async () => {
    const filters = JSON.stringify({ event: ['action_3', 'action_5', 'action_7', 'action_9'] });
    const first = await server.docker
      .events({ after: '', since: '0', filters, limit: '2' })
      .toEnd();
    expect(actionsOf(first)).to.deep.equal(['action_3', 'action_5']);
    const after = cursorsOf(first)[1]!;
    const rest = await server.docker.events({ after, filters, stream: 'false' }).toEnd();
    expect(actionsOf(rest)).to.deep.equal(['action_7', 'action_9']);
  });

  it('refuses an invalid cursor', async () => {
    const answer = await server.docker.ask('GET', '/events', { query: { after: 'nonsense' } });
    expect(answer.status).to.equal(400);
  });

  it('reports that the position is gone', async () => {
    const [after] = cursorsOf(await server.docker.history({ after: '' }));
    const other = await DockerServer.start();
    const answer = await other.docker.ask('GET', '/events', { query: { after: after! } });
    expect(answer.status).to.equal(410);
    expect(JSON.parse(answer.body)).to.have.property('message').that.is.a('string');
    await other.stop();
  });
});
