import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { RawEngine } from '../../../support/docker/raw-engine.js';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

describe('a request that passes to an engine', () => {
  let engine: RawEngine;
  let server: DockerServer;
  let client: RawConnection;

  before(async () => {
    engine = new RawEngine();
    await engine.start();
    server = await DockerServer.start({ engine: engine.address });
  });
  after(async () => {
    await server.stop();
    await engine.remove();
  });

  beforeEach(() => {
    client = open();
  });
  afterEach(() => {
    client.kill();
  });

  function open(): RawConnection {
    return new RawConnection({ path: server.server.dockerSocket, allowHalfOpen: true });
  }

  /** Sends a text of the client through to the engine; resolves with the engine's connection. */
  async function passed(text: string): Promise<RawConnection> {
    client.send(text);
    const connection = await engine.connection();
    await connection.expect(text);
    return connection;
  }

  it('arrives byte for byte, and so does its response', async () => {
    const other = await passed(
      'GET /v1.41/info?a=%20b&&c HTTP/1.1\r\nhOsT: docker\r\nX-Odd:\t a  b \r\nX-Odd: c\r\n\r\n',
    );
    const response =
      'HTTP/1.1 200 Very OK\r\nserver: Docker/20.10\r\nX-Odd:   1\r\nX-Odd: 2\r\nContent-Length: 4\r\n\r\n\0\x01\xff\n';
    other.send(response);
    await client.expect(response);
  });

  it('shares its connection with requests that Foghorn answers', async () => {
    const ping = 'HEAD /_ping HTTP/1.1\r\nHost: d\r\n\r\n';
    const other = await passed(ping);
    // A response to HEAD has a length and no body.
    other.send('HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\n');
    expect((await client.head()).headers).to.include('Api-Version: 1.41');
    client.ask('GET /events?since=1&until=2');
    expect((await client.answer()).statusLine).to.equal('HTTP/1.1 200 OK');
    client.send(ping);
    await other.expect(ping);
    other.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
    expect((await client.head()).statusLine).to.equal('HTTP/1.1 200 OK');
  });

  it('leaves nothing behind on a connection that many others use', async () => {
    const warnings: Error[] = [];
    const collect = (warning: Error): void => void warnings.push(warning);
    process.on('warning', collect);
    const ask = 'GET /info HTTP/1.1\r\nHost: d\r\n\r\n';
    const other = await passed(ask);
    other.send(OK);
    await client.expect(OK);
    // Node warns of the eleventh listener for one event.
    for (let requests = 1; requests < 20; requests++) {
      client.send(ask);
      await other.expect(ask);
      other.send(OK);
      await client.expect(OK);
    }
    process.off('warning', collect);
    expect(warnings.map(({ message }) => message)).to.deep.equal([]);
  });

  it('has its body passed as it arrives, with chunks, extensions and trailers', async () => {
    const head = 'POST /build HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n';
    const other = await passed(`${head}5;a=b\r\nhello\r\n`);
    client.send('1');
    await other.expect('1');
    client.send('0\r\n0123456789abcdef\r\n0\r\nX-Sum: 1\r\n\r\n');
    await other.expect('0\r\n0123456789abcdef\r\n0\r\nX-Sum: 1\r\n\r\n');
    const response =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n';
    other.send(response);
    await client.expect(response);
    other.send('0\r\nX-Sum: 2\r\n\r\n');
    await client.expect('0\r\nX-Sum: 2\r\n\r\n');
    client.ask('GET /info');
    await other.head();
    other.send(OK);
    await client.expect(OK);
  });

  it('may ask whether to send its body', async () => {
    const head =
      'PUT /containers/c/archive HTTP/1.1\r\nHost: d\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n';
    const other = await passed(head);
    other.send('HTTP/1.1 100 Continue\r\n\r\n');
    await client.expect('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('body');
    await other.expect('body');
    other.send(OK);
    await client.expect(OK);
  });

  it('may be answered before it is complete', async () => {
    const head = 'POST /images/load HTTP/1.1\r\nHost: d\r\nContent-Length: 1000000\r\n\r\n';
    const other = await passed(`${head}begin`);
    const response = 'HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno';
    other.send(response);
    other.endWriting();
    await client.expect(response);
    await client.ended();
  });

  it('may be of HTTP/1.0, whose response ends with the connection', async () => {
    const other = await passed('GET /info HTTP/1.0\r\n\r\n');
    other.send('HTTP/1.0 200 OK\r\n\r\nuntil the end');
    other.endWriting();
    await client.expect('HTTP/1.0 200 OK\r\n\r\nuntil the end');
    await client.ended();
  });

  it('may end its side before it is answered', async () => {
    const other = await passed('GET /info HTTP/1.1\r\nHost: d\r\n\r\n');
    client.endWriting();
    await other.ended();
    other.send(OK);
    await client.expect(OK);
  });

  for (const [name, request, response] of [
    [
      'with an upgrade',
      'POST /containers/c/attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    ],
    [
      'with a body and without an upgrade, as old clients do',
      'POST /v1.19/exec/e/start HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n{}',
      'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n',
    ],
    [
      'to HTTP/2',
      'POST /session HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
  ] as const) {
    it(`may make its connection a stream ${name}`, async () => {
      const other = await passed(request);
      other.send(`${response}early`);
      await client.expect(`${response}early`);
      client.send('GET /events HTTP/1.1\r\n\r\n\0');
      await other.expect('GET /events HTTP/1.1\r\n\r\n\0');
      other.send('out\r\n');
      await client.expect('out\r\n');
      client.endWriting();
      await other.ended();
      other.send('last');
      other.endWriting();
      await client.expect('last');
      await client.ended();
    });
  }

  it('may make its connection a stream before its body is complete, as dockerode does', async () => {
    const head =
      'POST /containers/c/attach HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n';
    const other = await passed(`${head}3\r\none\r\n`);
    const response = 'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n';
    other.send(`${response}out`);
    await client.expect(`${response}out`);
    client.send('3\r\ntwo\r\n');
    await other.expect('3\r\ntwo\r\n');
    other.send('more');
    await client.expect('more');
    client.send('0\r\n\r\n');
    client.endWriting();
    await other.expect('0\r\n\r\n');
    await other.ended();
    other.endWriting();
    await client.ended();
  });

  it('whose upgrade is refused leaves the connection to the next request', async () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n';
    const other = await passed(`POST /containers/c/attach HTTP/1.1\r\nHost: d\r\n${upgrade}`);
    other.send('HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno');
    await client.expect('HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno');
    client.ask('GET /events?since=1&until=2');
    expect((await client.answer()).headers).to.include('Content-Type: application/json');
  });

  it('is not read faster than the engine takes it, nor its response faster than the client', async () => {
    const size = 32 * 1024 * 1024;
    const other = await passed('GET /images/get HTTP/1.1\r\nHost: d\r\n\r\n');
    client.pause();
    other.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`);
    // More than any buffer in between holds.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(other.unsentBytes).to.be.above(size - 4 * 1024 * 1024);
    client.resume();
    await client.head();
    await client.skip(size);
    expect(other.unsentBytes).to.equal(0);
  });

  it('keeps every byte of large bodies, also where one side waits for the other', async () => {
    const size = 4 * 1024 * 1024;
    const body = randomBytes(size).toString('latin1');
    const chunked = inChunks(body);
    const other = await passed(
      'POST /build HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    other.pause();
    for (let sent = 0; sent < chunked.length; sent += 65_536)
      client.send(chunked.slice(sent, sent + 65_536));
    // Until Foghorn waits for the engine.
    await new Promise((resolve) => setTimeout(resolve, 50));
    other.resume();
    await other.expect(chunked);
    client.pause();
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`;
    other.send(`${head}${body}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.resume();
    await client.expect(`${head}${body}`);
  });

  it('is cut off when the engine breaks its response', async () => {
    const other = await passed('GET /info HTTP/1.1\r\nHost: d\r\n\r\n');
    other.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    other.kill();
    await client.expect('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    await client.ended();
  });

  it('ends at the engine when its client has gone', async () => {
    const other = await passed('GET /containers/c/logs?follow=1 HTTP/1.1\r\nHost: d\r\n\r\n');
    other.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    await client.head();
    client.kill();
    await other.ended();
    other.kill();
  });

  for (const [name, text] of [
    [
      'two lengths',
      'POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'a length and chunks',
      'POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'another coding',
      'POST /build HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    ],
    ['a length of words', 'POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: +1\r\n\r\n'],
    ['a folded line', 'GET /info HTTP/1.1\r\nHost: d\r\nX-A: 1\r\n 2\r\n\r\n'],
    ['a space before a colon', 'GET /info HTTP/1.1\r\nHost : d\r\n\r\n'],
    ['a bare line feed', 'GET /info HTTP/1.1\r\nHost: d\nX-A: 1\r\n\r\n'],
    ['a space in its path', 'GET /in fo HTTP/1.1\r\nHost: d\r\n\r\n'],
    ['another protocol', 'GET /info HTTP/2.0\r\nHost: d\r\n\r\n'],
  ] as const) {
    it(`with ${name} is refused, and the engine gets nothing`, async () => {
      client.send(text);
      expect((await client.head()).statusLine).to.equal('HTTP/1.1 400 Bad Request');
      await client.skip(1);
      expect(engine.waitingConnections).to.equal(0);
    });
  }

  it('with malformed chunks is cut before they reach the engine', async () => {
    const head = 'POST /build HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n';
    const other = await passed(head);
    client.send('1\nx\r\n0\r\n\r\n');
    await client.ended();
    await other.ended();
  });
});

/** A chunked body whose chunks have 1 byte, 2 bytes and so on up to 64 KiB, and begin again. */
function inChunks(text: string): string {
  const chunks: string[] = [];
  for (
    let offset = 0, size = 1;
    offset < text.length;
    offset += size, size = (size % 65536) * 2 || 1
  ) {
    const chunk = text.slice(offset, offset + size);
    chunks.push(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  }
  return `${chunks.join('')}0\r\n\r\n`;
}
