import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { RawEngine } from '../../../support/docker/raw-engine.js';

describe('a Docker socket with rights', () => {
  let engine: RawEngine;
  let server: DockerServer;
  let directory: string;
  let client: RawConnection;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-filtered-'));
    engine = new RawEngine();
    await engine.start();
    const socket = `unix://${directory}/ro.sock`;
    const docker = [`${socket}?allow=events,containers:read&mask=env`];
    server = await DockerServer.start({ engine: engine.address, docker });
  });
  after(async () => {
    await engine.stop();
    await server.stop();
    await engine.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  beforeEach(() => {
    client = new RawConnection({ path: server.server.dockerSocket });
  });
  afterEach(() => {
    client.kill();
  });

  it('refuses what it does not allow, and the connection goes on', async () => {
    client.ask('DELETE /v1.41/containers/web?force=1');
    const { statusLine, chunks } = await client.answer();
    expect(statusLine).to.equal('HTTP/1.1 403 Forbidden');
    expect(chunks).to.deep.equal([
      '{"message":"this socket does not allow DELETE /containers/web; it allows events, containers:read"}\n',
    ]);
    client.ask('GET /events?since=1&until=2');
    expect((await client.answer()).statusLine).to.equal('HTTP/1.1 200 OK');
    expect(engine.waitingConnections).to.equal(0);
  });

  for (const request of [
    'POST http://docker/containers/web/kill HTTP/1.1\r\nHost: d',
    'POST //containers/web/kill HTTP/1.1\r\nHost: d',
    'POST /v1.41//containers/web/kill HTTP/1.1\r\nHost: d',
    'GET /containers/web%2Fkill HTTP/1.1\r\nHost: d',
    'GET /containers/json/../../build HTTP/1.1\r\nHost: d',
    'GET /containers/%2e%2e/json HTTP/1.1\r\nHost: d',
    'GET /v1.41/v1.41/containers/json HTTP/1.1\r\nHost: d',
    'GET /containers/json HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\nContent-Length: 90',
    'GET /containers/json HTTP/1.1\r\nHost: d\r\nContent-Length: 90\r\nTransfer-Encoding: chunked',
    'GET /containers/json HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: xchunked',
    'GET /containers/json HTTP/1.1\r\nHost: d\r\nX: 1\r\n Content-Length: 90',
  ]) {
    it(`sends the engine nothing of ${JSON.stringify(request)}`, async () => {
      client.send(`${request}\r\n\r\nDELETE /containers/web HTTP/1.1\r\nHost: d\r\n\r\n`);
      expect((await client.head()).statusLine).to.match(/^HTTP\/1.1 40[03] /);
      expect(engine.waitingConnections).to.equal(0);
    });
  }

  it('ends a connection whose refused request has a body', async () => {
    const inner = 'POST /containers/create HTTP/1.1\r\nHost: d\r\n\r\n';
    client.send(`POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n${inner}`);
    expect((await client.answer()).statusLine).to.equal('HTTP/1.1 403 Forbidden');
    await client.ended();
    expect(engine.waitingConnections).to.equal(0);
  });

  it('judges each request of a pipeline', async () => {
    client.ask('GET /containers/json', 'POST /containers/web/kill');
    const other = await engine.connection();
    await other.head();
    other.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]');
    expect((await client.answer()).chunks).to.deep.equal(['[]']);
    expect((await client.head()).statusLine).to.equal('HTTP/1.1 403 Forbidden');
    other.kill();
  });

  it('never lets a request out of sight behind an upgrade', async () => {
    client.send(
      'GET /containers/json HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    );
    const other = await engine.connection();
    await other.head();
    other.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n');
    await client.closed;
  });

  it('hides the environment of containers', async () => {
    client.ask('GET /containers/web/json');
    const other = await engine.connection();
    await other.head();
    const body = '{"Config":{"Env":["TOKEN=secret"]}}';
    const head = 'HTTP/1.1 200 OK\r\nX-Odd: 1\r\nTransfer-Encoding: chunked\r\n\r\n';
    other.send(`${head}5\r\n${body.slice(0, 5)}\r\n1e\r\n${body.slice(5)}\r\n0\r\n\r\n`);
    const { headers, chunks } = await client.answer();
    expect(headers).to.deep.equal(['X-Odd: 1', 'Content-Length: 32']);
    expect(chunks).to.deep.equal(['{"Config":{"Env":["TOKEN=***"]}}']);
    other.kill();
  });
});
