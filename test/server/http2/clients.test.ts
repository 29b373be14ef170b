import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { connect as connectTls, createServer } from 'node:tls';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createHttp2Server, TLS_OPTIONS } from '../../../server/http2/index.js';
import { request } from '../../support/http2/node-client.js';
import { answerEmpty, echo } from '../../support/http2/responders.js';
import { RunningServer } from '../../support/http2/running-server.js';

const run = promisify(execFile);

describe('HTTP/2 server and clients of other kinds', () => {
  describe('over a unix socket', () => {
    let server: RunningServer;

    beforeEach(async () => {
      server = await RunningServer.start(echo);
    });

    afterEach(() => server.stop());

    it('answers a client of HTTP/1 with a sentence', async () => {
      const requests = [
        'GET /',
        'POST /',
        'PUT http://x/',
        'OPTIONS *',
        'PROPFIND /',
        'CONNECT x:1',
      ];
      for (const request of requests) {
        const socket = connect(server.path);
        socket.end(`${request} HTTP/1.1\r\nhost: x\r\n\r\n`);
        let answer = '';
        socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
        await once(socket, 'close');
        expect(answer).to.match(/^HTTP\/1\.1 400 Bad Request\r\n/);
        expect(answer).to.match(/this port speaks HTTP\/2 .*\n$/);
      }
    });

    it('answers curl', async () => {
      const { stdout } = await run('curl', [
        '--silent',
        '--http2-prior-knowledge',
        ...['--unix-socket', server.path, '--data', 'from curl', 'http://localhost/'],
      ]);
      expect(stdout).to.equal('from curl');
    });
  });

  describe('over TLS', () => {
    let http2: ReturnType<typeof createHttp2Server>;
    let tls: ReturnType<typeof createServer>;
    let port: number;
    let cert: string;

    before(async () => {
      const { key, cert: made } = await certificate();
      cert = made;
      http2 = createHttp2Server(answerEmpty);
      tls = createServer({ ...TLS_OPTIONS, key, cert }, (socket) => {
        http2.accept(socket);
      });
      tls.listen(0, '127.0.0.1');
      await once(tls, 'listening');
      ({ port } = tls.address() as AddressInfo);
    });

    after(() => {
      http2.destroy();
      tls.close();
    });

    it('answers a client that negotiates h2', async () => {
      const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: cert });
      for (let i = 0; i < 100; i++) {
        const answer = await request(session, {}, Buffer.from('x'));
        expect([answer.status, answer.body.length]).to.deep.equal([200, 5]);
      }
      session.destroy();
    });

    it('tells a client that negotiates nothing that it speaks HTTP/2', async () => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: cert });
      let answer = '';
      socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
      await once(socket, 'close');
      expect(answer).to.match(/^HTTP\/1\.1 400 Bad Request/);
    });

    it('refuses a client that only offers HTTP/1', async () => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: cert, ALPNProtocols: ['http/1.1'] });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).to.match(/no application protocol/);
    });

    it('refuses renegotiation', async () => {
      const options = { port, host: '127.0.0.1', ca: cert, ALPNProtocols: ['h2'] };
      const socket = connectTls({ ...options, maxVersion: 'TLSv1.2' });
      await once(socket, 'secureConnect');
      const error = await new Promise((resolve) => {
        socket.on('error', resolve);
        socket.renegotiate({}, resolve);
      });
      expect(error).to.be.instanceOf(Error);
      socket.destroy();
    });
  });
});

/** A certificate for 127.0.0.1, made for this run. */
async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const { stdout } = await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', '-', '-out', '-', '-days', '1', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1'],
  ]);
  const key = /-----BEGIN PRIVATE KEY-----[^]*-----END PRIVATE KEY-----/.exec(stdout)?.[0] ?? '';
  const cert = /-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----/.exec(stdout)?.[0] ?? '';
  return { key, cert };
}
