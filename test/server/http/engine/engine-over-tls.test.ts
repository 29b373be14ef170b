import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { Authority } from '../../../support/access/authority.js';

const VERSION = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' };

describe('an engine behind TLS', () => {
  const authority = new Authority();
  const foreign = new Authority();
  const client = authority.client('foghorn');
  let engine: Server;
  let server: DockerServer | undefined;

  before(async () => {
    const certificates = authority.read(authority.server());
    engine = createServer({ ...certificates, requestCert: true }, (request, response) => {
      if (request.url?.endsWith('/version') === true) {
        response.end(JSON.stringify(VERSION));
        return;
      }
      const { socket } = request;
      const name = socket instanceof TLSSocket && socket.getPeerCertificate().subject.CN;
      let size = 0;
      request.on('data', (bytes: Buffer) => (size += bytes.length));
      request.on('end', () => response.end(`${size} bytes from ${String(name)}`));
    });
    engine.listen(0, '127.0.0.1');
    await once(engine, 'listening');
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  after(async () => {
    engine.closeAllConnections();
    engine.close();
    await once(engine, 'close');
    authority.remove();
    foreign.remove();
  });

  /** Starts a broker in front of the engine, with PEM texts for TLS. */
  async function start(tls: { ca: Buffer; cert?: Buffer; key?: Buffer }): Promise<DockerServer> {
    const port = String((engine.address() as AddressInfo).port);
    const target = { host: '127.0.0.1', port };
    const pem = Object.entries(tls).map(([name, bytes]) => [name, String(bytes)]);
    return (server = await DockerServer.start({
      engine: { text: `127.0.0.1:${port}`, target, tls: Object.fromEntries(pem) as object },
    }));
  }

  it('gets requests with their bodies, from the name in the certificate', async () => {
    const { server: broker } = await start(authority.read(client));
    const connection = new RawConnection({ path: broker.dockerSocket });
    const size = 1_000_000;
    const head = `POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: ${size}\r\n\r\n`;
    connection.send(`${head}${'x'.repeat(size)}`);
    const { chunks } = await connection.answer();
    expect(chunks.join('')).to.equal(`${size} bytes from foghorn`);
    connection.ask('GET /_ping');
    expect((await connection.answer()).chunks.join('')).to.equal('0 bytes from foghorn');
    connection.kill();
  });

  it('is not used if another authority has signed its certificate', async () => {
    const { docker } = await start({ ...authority.read(client), ca: foreign.read(client).ca });
    const { status, body } = await docker.ask('GET', '/_ping');
    expect(status).to.equal(503);
    expect(body).to.match(/the engine at .* is not available \(.*certificate/);
  });

  it('that refuses the certificate is not available', async () => {
    const stranger = foreign.read(foreign.client('stranger'));
    const { docker } = await start({ ...stranger, ca: authority.read(client).ca });
    const { status, body } = await docker.ask('GET', '/_ping');
    expect(status).to.equal(503);
    expect(body).to.include('is not available');
  });
});
