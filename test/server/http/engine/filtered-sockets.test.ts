import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { RawEngine } from '../../../support/docker/raw-engine.js';

/** Requests by which Docker's clients change something, or read what is no state of containers. */
const WRITES = [
  'POST /containers/create?name=web',
  'POST /containers/web/start',
  'POST /containers/web/stop?t=1',
  'POST /containers/web/restart',
  'POST /containers/web/kill?signal=KILL',
  'POST /containers/web/pause',
  'POST /containers/web/unpause',
  'POST /containers/web/rename?name=other',
  'POST /containers/web/update',
  'POST /containers/web/resize?h=1&w=1',
  'POST /containers/web/attach?stdin=1',
  'GET /containers/web/attach/ws?stdin=1',
  'POST /containers/web/exec',
  'POST /exec/e/start',
  'POST /exec/e/resize?h=1&w=1',
  'PUT /containers/web/archive?path=/',
  'GET /containers/web/archive?path=/etc/shadow',
  'GET /containers/web/export',
  'DELETE /containers/web?force=1',
  'POST /containers/prune',
  'POST /images/create?fromImage=a',
  'POST /images/load',
  'POST /images/a/tag?repo=b',
  'POST /images/a/push',
  'DELETE /images/a',
  'POST /images/prune',
  'POST /build',
  'POST /build/prune',
  'POST /commit?container=web',
  'POST /session',
  'POST /grpc',
  'POST /networks/create',
  'POST /networks/n/connect',
  'DELETE /networks/n',
  'POST /volumes/create',
  'DELETE /volumes/v',
  'POST /volumes/prune',
  'POST /auth',
  'POST /plugins/pull?remote=p',
  'POST /swarm/init',
  'POST /services/create',
  'POST /secrets/create',
  'POST /configs/create',
  'POST /libpod/containers/create',
  'DELETE /libpod/containers/web',
  'POST /libpod/play/kube',
];

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

  for (const version of ['', '/v1.24', '/v1.41', '/v4.3.1']) {
    it(`refuses every request that changes something below ${version || '/'}`, async () => {
      for (const request of WRITES) {
        const line = request.replace(' ', ` ${version}`);
        client.ask(line);
        const { statusLine, chunks } = await client.answer();
        expect(statusLine, line).to.equal('HTTP/1.1 403 Forbidden');
        expect(chunks.join(''), line).to.match(/^\{"message":"this socket does not allow /);
      }
      expect(engine.waitingConnections).to.equal(0);
    });
  }

  for (const request of [
    'POST http://docker/containers/web/kill HTTP/1.1\r\nHost: d',
    'POST //containers/web/kill HTTP/1.1\r\nHost: d',
    'POST /v1.41//containers/web/kill HTTP/1.1\r\nHost: d',
    'GET /containers/web%2Fkill HTTP/1.1\r\nHost: d',
    'GET /containers/json/../../build HTTP/1.1\r\nHost: d',
    'GET /containers/%2e%2e/json HTTP/1.1\r\nHost: d',
    'GET /v1.41/v1.41/containers/json HTTP/1.1\r\nHost: d',
    'POST /v1.41/./containers/web/kill HTTP/1.1\r\nHost: d',
    'GET /containers/json/..%2f..%2fbuild HTTP/1.1\r\nHost: d',
    'GET /containers/web%00/json HTTP/1.1\r\nHost: d',
    'GET /containers\\web\\json HTTP/1.1\r\nHost: d',
    'get /containers/json HTTP/1.1\r\nHost: d',
    'GET /containers/json HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'GET /containers/json HTTP/1.1\r\nHost: d\r\nContent-Length : 90',
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
