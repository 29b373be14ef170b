import { expect } from 'chai';
import { dockerEventJson } from '../../../../protocol/docker-event.js';
import { version } from '../../../../protocol/version.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll, range } from '../../../support/history-seed.js';

const DATE = /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

/** An engine's event, with a label that is longer in UTF-8 than in characters. */
const EVENTS = range(1, 20).map((n) => ({
  type: 'container',
  action: n % 2 === 0 ? 'die' : 'start',
  actorId: 'c1c1c1c1c1c1',
  attributes: new Map([
    ['image', 'busybox'],
    ['motto', `größer & „besser“ <${n}>`],
    ['name', 'web'],
  ]),
  scope: 'local',
  timeNano: 1_700_000_000_000_000_000n + BigInt(n),
}));

describe('GET /events, byte by byte', () => {
  let server: DockerServer;
  let connection: RawConnection;

  beforeEach(async () => {
    server = await DockerServer.start({ dockerApiVersion: '1.55' });
    connection = new RawConnection({ path: server.server.dockerSocket });
  });
  afterEach(async () => {
    connection.kill();
    await server.stop();
  });

  const publish = (events: typeof EVENTS): Promise<void> =>
    forwardAll(
      server.grpc,
      events.map((event) => recorded(event)),
    );

  /** As received: one character for each byte. */
  const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

  it("has exactly dockerd's headers", async () => {
    connection.ask('GET /v1.51/events?until=1');
    const { statusLine, headers, chunks } = await connection.answer();
    expect(statusLine).to.equal('HTTP/1.1 200 OK');
    expect(headers.filter((header) => !DATE.test(header))).to.have.members([
      'Api-Version: 1.55',
      'Content-Type: application/json',
      'Docker-Experimental: false',
      'Ostype: linux',
      `Server: Docker/${version()} (linux)`,
      'Transfer-Encoding: chunked',
    ]);
    expect(headers.filter((header) => DATE.test(header))).to.have.length(1);
    expect(chunks).to.deep.equal([]);
  });

  it('sends its headers before the first event', async () => {
    connection.ask('GET /events');
    const { statusLine } = await connection.head();
    expect(statusLine).to.equal('HTTP/1.1 200 OK');
  });

  it('sends each past event in a chunk of its own', async () => {
    await publish(EVENTS);
    connection.ask('GET /v1.51/events?since=0&stream=false');
    const { chunks } = await connection.answer();
    expect(chunks).to.deep.equal(
      EVENTS.map((event) => bytesOf(`${dockerEventJson(event, true)}\n`)),
    );
  });

  it('sends each live event in a chunk of its own, at once', async () => {
    connection.ask('GET /v1.51/events');
    await connection.head();
    for (const event of EVENTS) {
      await publish([event]);
      const chunk = await connection.chunk();
      expect(chunk).to.equal(bytesOf(`${dockerEventJson(event, true)}\n`));
    }
    await publish(EVENTS.map((event) => ({ ...event, timeNano: event.timeNano + 100n })));
    for (const event of EVENTS) {
      const later = { ...event, timeNano: event.timeNano + 100n };
      expect(await connection.chunk()).to.equal(bytesOf(`${dockerEventJson(later, true)}\n`));
    }
  });

  it('omits the old members from API 1.52 on', async () => {
    await publish(EVENTS);
    connection.ask('GET /v1.52/events?since=0&stream=false');
    const { headers, chunks } = await connection.answer();
    expect(headers).to.include('Content-Type: application/jsonl');
    expect(chunks).to.deep.equal(
      EVENTS.map((event) => bytesOf(`${dockerEventJson(event, false)}\n`)),
    );
  });

  it('begins each record of a JSON sequence with its separator', async () => {
    await publish(EVENTS);
    connection.send(
      'GET /v1.55/events?since=0&stream=false HTTP/1.1\r\nHost: d\r\nAccept: application/json-seq\r\n\r\n',
    );
    const { headers, chunks } = await connection.answer();
    expect(headers).to.include('Content-Type: application/json-seq');
    expect(chunks).to.deep.equal(
      EVENTS.map((event) => bytesOf(`\u001e${dockerEventJson(event, false)}\n`)),
    );
  });

  it('sends no chunks to HTTP/1.0, and ends with the connection', async () => {
    await publish(EVENTS);
    connection.send('GET /v1.51/events?since=0&stream=false HTTP/1.0\r\n\r\n');
    const { statusLine, headers } = await connection.head();
    expect(statusLine).to.equal('HTTP/1.1 200 OK');
    expect(headers.join()).to.not.include('Transfer-Encoding');
    const lines = EVENTS.map((event) => `${dockerEventJson(event, true)}\n`);
    expect(await connection.rest()).to.equal(bytesOf(lines.join('')));
  });
});
