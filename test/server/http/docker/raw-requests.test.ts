import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection, type RawAnswer } from '../../../support/docker/raw-connection.js';

const NOT_FOUND = ['{"message":"page not found"}\n'];

describe('requests, byte by byte', () => {
  let server: DockerServer;
  let connection: RawConnection;

  before(async () => {
    server = await DockerServer.start();
  });
  after(() => server.stop());
  beforeEach(() => {
    connection = new RawConnection({ path: server.server.dockerSocket });
  });
  afterEach(() => {
    connection.kill();
  });

  function answerTo(request: string): Promise<RawAnswer> {
    connection.ask(request);
    return connection.answer();
  }

  const nameOf = (header: string): string => header.slice(0, header.indexOf(':'));

  it('that are invalid are answered in JSON', async () => {
    const { statusLine, headers, chunks } = await answerTo('GET /v1.24/events?since=x');
    expect(statusLine).to.equal('HTTP/1.1 400 Bad Request');
    expect(headers).to.include.members(['Api-Version: 1.51', 'Content-Type: application/json']);
    const message =
      'invalid value for \'since\': invalid timestamp "x": invalid seconds "x": invalid syntax';
    expect(chunks).to.deep.equal([`${JSON.stringify({ message })}\n`]);
  });

  it('in a version before 1.24 are answered in plain text', async () => {
    const { statusLine, headers, chunks } = await answerTo('GET /v1.23/events');
    expect(statusLine).to.equal('HTTP/1.1 400 Bad Request');
    expect(headers).to.include.members([
      'Api-Version: 1.51',
      'Content-Type: text/plain; charset=utf-8',
      'X-Content-Type-Options: nosniff',
    ]);
    expect(chunks).to.deep.equal([
      'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n',
    ]);
  });

  for (const request of [
    'GET /nope',
    'GET /',
    'GET /events/',
    'GET /vfoo/events',
    'GET /v1.24/v1.24/events',
    'POST /events',
    'DELETE /events',
    'PROPFIND /events',
    'POST /_ping',
    'GET /containers/c1/wait',
    'POST /containers/c1/json',
    'GET /containers',
    'GET /%zz',
    'GET /containers/%ff/json',
    'OPTIONS /nope',
    'OPTIONS *',
  ]) {
    it(`${request} is not found, without the headers of existing paths`, async () => {
      const { statusLine, headers, chunks } = await answerTo(request);
      expect(statusLine).to.equal('HTTP/1.1 404 Not Found');
      expect(headers.map(nameOf)).to.have.members(['Content-Type', 'Content-Length', 'Date']);
      expect(headers).to.include('Content-Type: application/json');
      expect(chunks).to.deep.equal(NOT_FOUND);
    });
  }

  for (const path of ['/events', '/v1.30/version', '/containers/json', '/containers/c1/wait']) {
    it(`OPTIONS ${path} has an empty answer`, async () => {
      const { statusLine, headers, chunks } = await answerTo(`OPTIONS ${path}`);
      expect(statusLine).to.equal('HTTP/1.1 200 OK');
      expect(headers).to.include.members(['Api-Version: 1.51', 'Content-Length: 0']);
      expect(chunks).to.deep.equal([]);
    });
  }

  it('OPTIONS in an unknown version is refused', async () => {
    expect((await answerTo('OPTIONS /v1.99/events')).statusLine).to.match(/ 400 /);
  });

  it('with extra slashes are redirected', async () => {
    for (const [target, location] of [
      ['//events?since=1&until=2', '/events?since=1&until=2'],
      ['/v1.51///containers//json?all=1?2', '/v1.51/containers/json?all=1?2'],
    ]) {
      const { statusLine, headers } = await answerTo(`GET ${target}`);
      expect(statusLine).to.equal('HTTP/1.1 301 Moved Permanently');
      expect(headers.map(nameOf)).to.have.members(['Location', 'Content-Length', 'Date']);
      expect(headers).to.include.members([`Location: ${location}`, 'Content-Length: 0']);
    }
  });

  it('in the form of proxies are accepted', async () => {
    for (const origin of ['http://docker', 'HTTP://localhost:2375', 'https://[::1]:2376']) {
      const { statusLine, chunks } = await answerTo(`GET ${origin}/_ping`);
      expect(statusLine).to.equal('HTTP/1.1 200 OK');
      expect(chunks).to.deep.equal(['OK']);
    }
  });

  it('may have escapes in their path', async () => {
    expect((await answerTo('GET /v1%2E51/%5Fping')).statusLine).to.match(/ 200 /);
  });

  it('may have a long query, as filters may name many containers', async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => String(n).padStart(64, '0'));
    const filters = encodeURIComponent(JSON.stringify({ container: ids }));
    const { statusLine } = await answerTo(`GET /events?until=1&filters=${filters}`);
    expect(statusLine).to.equal('HTTP/1.1 200 OK');
  });

  it('for a container with an id or name that is too long are answered that it does not exist', async () => {
    const name = 'x'.repeat(4100);
    const message = `No such container: ${'x'.repeat(255)}…`;
    for (const request of [`GET /containers/${name}/json`, `POST /containers/${name}/wait`]) {
      const { statusLine, chunks } = await answerTo(request);
      expect(statusLine).to.equal('HTTP/1.1 404 Not Found');
      const body = Buffer.from(chunks.join(''), 'latin1').toString();
      expect(JSON.parse(body)).to.deep.equal({ message });
    }
    expect((await answerTo('GET /containers/a%00b/json')).statusLine).to.match(/ 404 /);
  });

  it('with more values in their filters than the limit are refused', async () => {
    const answerFor = (count: number): Promise<RawAnswer> => {
      const event = Array.from({ length: count }, (_, n) => `${n}`);
      const filters = encodeURIComponent(
        JSON.stringify({ event: [...event.slice(1), 'exec_start'] }),
      );
      return answerTo(`GET /events?until=1&filters=${filters}`);
    };
    expect((await answerFor(4096)).statusLine).to.match(/ 200 /);
    const { statusLine, chunks } = await answerFor(4097);
    expect(statusLine).to.equal('HTTP/1.1 400 Bad Request');
    const message = 'invalid filter: 4097 values, the limit is 4096';
    expect(JSON.parse(chunks.join(''))).to.deep.equal({ message });
  });

  it('use the first of several values', async () => {
    const good = await answerTo('GET /events?since=1&since=abc&until=2');
    expect(good.statusLine).to.match(/ 200 /);
    const bad = await answerTo('GET /events?since=abc&since=1&until=2');
    expect(bad.statusLine).to.match(/ 400 /);
  });

  it('with an unknown HTTP method are refused, and no others', async () => {
    connection.ask('SUMMON /events');
    expect((await connection.head()).statusLine).to.equal('HTTP/1.1 400 Bad Request');
    await connection.closed;
    connection = new RawConnection({ path: server.server.dockerSocket });
    expect((await answerTo('GET /_ping')).chunks).to.deep.equal(['OK']);
  });

  for (const request of [
    'GET /info',
    'GET /v1.41/images/json',
    'GET /containers/c1/logs',
    'POST /containers/create',
    'POST /v1.24/containers/c1/start',
    'DELETE /containers/c1',
  ]) {
    it(`${request} is answered by engines only, and the answer says so`, async () => {
      const { statusLine, chunks } = await answerTo(request);
      expect(statusLine).to.equal('HTTP/1.1 501 Not Implemented');
      const asked = request.replace(/\/v1\.\d+/, '');
      expect(chunks).to.deep.equal([
        `{"message":"this socket has history only: start serve with --engine to have ${asked} answered"}\n`,
      ]);
    });
  }

  for (const request of [
    'GET /v1.41/networks/team_default',
    'GET /volumes/data',
    'GET /images/library/nginx:1.27/json',
  ]) {
    it(`${request} finds nothing, so that clients go on without the object`, async () => {
      const { statusLine, chunks } = await answerTo(request);
      expect(statusLine).to.equal('HTTP/1.1 404 Not Found');
      expect(chunks.join('')).to.contain('this socket has history only: start serve with --engine');
    });
  }

  it('that ask for an upgrade are answered without one', async () => {
    connection.send(
      'POST /containers/c1/attach?stream=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n',
    );
    expect((await connection.answer()).statusLine).to.equal('HTTP/1.1 501 Not Implemented');
  });
});
