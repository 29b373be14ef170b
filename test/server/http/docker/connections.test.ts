import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { recorded } from '../../../support/docker/recorded-events.js';

const CHUNKED = 'HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';

describe('connections of Docker clients', () => {
  let server: DockerServer;
  let connection: RawConnection;

  beforeEach(async () => {
    server = await DockerServer.start();
    connection = new RawConnection({ path: server.server.dockerSocket });
  });
  afterEach(async () => {
    connection.kill();
    await server.stop();
  });

  it('are kept for the next request', async () => {
    connection.ask('HEAD /_ping');
    const { statusLine, headers } = await connection.head();
    expect(statusLine).to.equal('HTTP/1.1 200 OK');
    expect(headers).to.include.members([
      'Content-Length: 0',
      'Content-Type: text/plain; charset=utf-8',
      'Cache-Control: no-cache, no-store, must-revalidate',
      'Pragma: no-cache',
    ]);
    expect(headers.join()).to.not.include('Connection');
    connection.ask('GET /_ping');
    expect((await connection.answer()).chunks).to.deep.equal(['OK']);
    connection.ask('GET /events?until=1');
    expect((await connection.answer()).chunks).to.deep.equal([]);
    connection.ask('POST /containers/nosuch/wait');
    expect((await connection.answer()).statusLine).to.equal('HTTP/1.1 404 Not Found');
    connection.ask('GET /events');
    expect((await connection.head()).statusLine).to.equal('HTTP/1.1 200 OK');
  });

  it('have no bytes after the head of an answer to HEAD', async () => {
    connection.ask('HEAD /events', 'GET /_ping');
    const { statusLine, headers } = await connection.head();
    expect(statusLine).to.equal('HTTP/1.1 404 Not Found');
    expect(headers).to.include('Content-Length: 29');
    expect((await connection.answer()).chunks).to.deep.equal(['OK']);
  });

  it('answer pipelined requests in order', async () => {
    connection.ask('GET /_ping', 'GET /events?until=1', 'GET /nope', 'GET /_ping');
    const statusLines: string[] = [];
    for (let n = 0; n < 4; n++) statusLines.push((await connection.answer()).statusLine);
    expect(statusLines.map((line) => line.split(' ')[1])).to.deep.equal([
      '200',
      '200',
      '404',
      '200',
    ]);
  });

  it('continue after a GET with an empty chunked body', async () => {
    await server.grpc.forward(recorded({ timeNano: 1n }));
    for (const path of ['/events?since=0&stream=false', '/_ping', '/containers/json', '/nope']) {
      connection.send(`GET ${path} ${CHUNKED}`);
      const { statusLine, chunks } = await connection.answer();
      expect(statusLine).to.match(path === '/nope' ? / 404 / : / 200 /);
      expect(chunks).to.have.length(1);
    }
  });

  it('continue after an unexpected body', async () => {
    const body = 'x'.repeat(300_000);
    connection.send(
      `POST /containers/nosuch/wait HTTP/1.1\r\nHost: d\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect((await connection.answer()).statusLine).to.match(/ 404 /);
    connection.ask('GET /_ping');
    expect((await connection.answer()).chunks).to.deep.equal(['OK']);
  });

  it('are closed when the client asks for it', async () => {
    connection.send('GET /events?until=1 HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n');
    expect((await connection.answer()).statusLine).to.match(/ 200 /);
    await connection.closed;
  });
});
