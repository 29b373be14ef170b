import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf, toldEvent } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';

const ID = 'c0ffee'.repeat(11).slice(0, 64);
const SECOND = 1_000_000_000n;

describe("Podman's own events", () => {
  let server: DockerServer;
  /** A minute ago. */
  const start = (BigInt(Date.now()) / 1000n - 60n) * SECOND;

  before(async () => {
    server = await DockerServer.start();
    const events = ['create', 'start', 'die'].map((action, index) => {
      const own = {
        ...{ image: 'app', name: 'web', podId: '' },
        containerExitCode: action === 'die' ? '5' : '0',
        ...(action === 'die' && { exitCode: '5' }),
      };
      const attributes = new Map(Object.entries(own));
      return recorded({
        action,
        actorId: ID,
        attributes,
        timeNano: start + BigInt(index) * SECOND,
      });
    });
    const translated = recorded({
      action: 'die',
      actorId: ID.replaceAll('c', 'd'),
      attributes: new Map([
        ['exitCode', '7'],
        ['name', 'web2'],
      ]),
      timeNano: start + 3n * SECOND,
    });
    await forwardAll(server.grpc, [...events, translated]);
  });
  after(() => server.stop());

  async function eventsFor(query: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const options = { version: '4.3.1', query: { stream: 'false', ...query } };
    const { status, body } = await server.docker.ask('GET', '/libpod/events', options);
    expect(status, body).to.equal(200);
    return body.trim().split('\n');
  }

  it('have its name of a die, and the exit code that its clients require', async () => {
    const lines = await eventsFor({ since: '10m' });
    expect(actionsOf(lines)).to.deep.equal(['create', 'start', 'died', 'died']);
    const codes = lines.map((line) => toldEvent(line).attributes.containerExitCode);
    expect(codes).to.deep.equal(['0', '0', '5', '7']);
    expect(JSON.parse(lines[2]!)).to.include({ status: 'died', id: ID, from: 'app' });
  });

  for (const [name, since] of [
    ['unix time', String(start / SECOND + 2n)],
    ['RFC 3339', new Date(Number(start / 1_000_000n) + 2000).toISOString()],
    [
      'RFC 3339 without a zone',
      new Date(Number(start / 1_000_000n) + 2000).toISOString().slice(0, 19),
    ],
  ] as const) {
    it(`take ${name} for since`, async () => {
      expect(actionsOf(await eventsFor({ since }))).to.deep.equal(['died', 'died']);
    });
  }

  it('take the filters of its clients', async () => {
    const filters = JSON.stringify({ event: ['died'], container: ['web'], type: ['container'] });
    const lines = await eventsFor({ filters });
    expect(lines.map((line) => toldEvent(line).id)).to.deep.equal([ID]);
  });

  for (const [query, message] of [
    [
      { since: 'bogus' },
      `invalid value for 'since': expected unix time, RFC 3339 or a duration such as 10m, got "bogus"`,
    ],
    [
      { filters: '{"bogus":["x"]}' },
      'invalid value for filter "bogus": expected one of container, event, image, label, pod, type, volume',
    ],
  ] as const) {
    it(`refuse ${JSON.stringify(query)}`, async () => {
      const answer = await server.docker.ask('GET', '/libpod/events', { version: '4.3.1', query });
      expect(answer.status).to.equal(400);
      expect(JSON.parse(answer.body)).to.deep.equal({ message });
    });
  }
});
