import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll, range } from '../../../support/history-seed.js';

/** Parameters that dockerd does not have, and that change nothing for other clients. */
describe('GET /events, with parameters of our own', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
    await report('a', 'b', 'c');
  });
  afterEach(() => server.stop());

  let time = 0n;

  function report(...actions: string[]): Promise<void> {
    return forwardAll(
      server.grpc,
      actions.map((action) => recorded({ action, timeNano: (time += 1n) })),
    );
  }

  for (const value of ['false', '0', 'no', 'None', 'FALSE']) {
    it(`stream=${value} delivers all of the past and ends`, async () => {
      const lines = await server.docker.events({ stream: value }).toEnd();
      expect(actionsOf(lines)).to.deep.equal(['a', 'b', 'c']);
    });
  }

  it('stream=1 changes nothing', async () => {
    const stream = server.docker.events({ stream: '1' });
    await stream.head;
    await report('d');
    expect(actionsOf(await stream.when(({ length }) => length > 0))).to.deep.equal(['d']);
    stream.cancel();
  });

  it('limit ends the stream after that many past events', async () => {
    for (const limit of range(1, 3)) {
      const lines = await server.docker.events({ since: '0', limit: String(limit) }).toEnd();
      expect(actionsOf(lines)).to.deep.equal(['a', 'b', 'c'].slice(0, limit));
    }
  });

  it('limit ends the stream after that many past and live events', async () => {
    const stream = server.docker.events({ since: '0', limit: '5' });
    await stream.when(({ length }) => length === 3);
    await report('d', 'e', 'f', 'g');
    expect(actionsOf(await stream.toEnd())).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('limit counts only events that pass the filters', async () => {
    const filters = JSON.stringify({ event: ['b', 'e'] });
    const stream = server.docker.events({ since: '0', limit: '2', filters });
    await stream.head;
    await report('d', 'e');
    expect(actionsOf(await stream.toEnd())).to.deep.equal(['b', 'e']);
  });

  for (const [name, value] of [
    ['limit', '0'],
    ['limit', '-1'],
    ['limit', '1.5'],
    ['limit', 'many'],
    ['limit', '99999999999999999999'],
    ['heartbeat', '0'],
    ['heartbeat', '-1'],
    ['heartbeat', '0.000001'],
    ['heartbeat', '0.09'],
    ['heartbeat', '86401'],
    ['heartbeat', '1e1'],
  ] as const) {
    it(`refuses ${name}=${value}`, async () => {
      const answer = await server.docker.ask('GET', '/events', { query: { [name]: value } });
      expect(answer.status).to.equal(400);
      const { message } = JSON.parse(answer.body) as { message: string };
      expect(message).to.include(`invalid value for '${name}'`).and.include(value);
    });
  }

  it('heartbeat sends empty lines, each in a chunk', async () => {
    const connection = new RawConnection({ path: server.server.dockerSocket });
    connection.ask('GET /events?heartbeat=0.1');
    await connection.head();
    for (let beat = 0; beat < 3; beat++) expect(await connection.chunk()).to.equal('\n');
    await report('d');
    let chunk: string | undefined;
    do chunk = await connection.chunk();
    while (chunk === '\n');
    expect(chunk).to.match(/^\{.*"Action":"d".*\}\n$/);
    expect(await connection.chunk()).to.equal('\n');
    connection.kill();
  });
});
