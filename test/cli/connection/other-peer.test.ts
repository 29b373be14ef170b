import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import { explainPeer } from '../../../cli/connection/other-peer.js';
import { FoghornError } from '../../../protocol/errors.js';
import { Authority } from '../../support/access/authority.js';
import { TestServer } from '../../support/test-server.js';
import { foghorn } from '../test-terminal.js';

describe('a command whose address names another server', () => {
  let directory: string;
  let broker: TestServer;
  const servers: Server[] = [];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-peer-'));
    const at = (name: string): string => `unix://${join(directory, name)}`;
    broker = await TestServer.start({ docker: [at('docker')], ttrpc: [at('ttrpc')] });
  });

  after(async () => {
    for (const server of servers) server.close();
    await broker.stop();
    rmSync(directory, { recursive: true });
  });

  async function listen(server: Server, name: string): Promise<void> {
    servers.push(server.listen(join(directory, name)));
    await once(server, 'listening');
  }

  async function expectExplained(name: string, peer: string): Promise<void> {
    const address = join(directory, name);
    for (const command of [['ps'], ['publish', '--topic', '/a', '--json', '{}']]) {
      const { exitCode, stderr } = await foghorn(['-a', address, ...command]);
      const text = `${address} is the address of ${peer}, not of Foghorn's gRPC API`;
      expect({ exitCode, stderr }).to.deep.equal({ exitCode: 1, stderr: `foghorn: ${text}\n` });
    }
  }

  it('recognizes the Docker API', () => expectExplained('docker', 'a Docker API'));

  it('recognizes ttrpc', () => expectExplained('ttrpc', 'a ttrpc server'));

  it("recognizes containerd's ttrpc, which answers nothing to a gRPC client", async () => {
    const text = 'cannot reach it: is it running? (no answer to the attempt to connect)';
    const error = new FoghornError('UNAVAILABLE', text);
    const explained = await explainPeer(error, join(directory, 'ttrpc'));
    expect(explained).to.have.property('message').that.contains('of a ttrpc server, not of');
  });

  it('recognizes an HTTP server', async () => {
    await listen(
      createHttpServer((_, response) => response.end('hello')),
      'http',
    );
    await expectExplained('http', 'an HTTP server');
  });

  it('recognizes TLS', async () => {
    const { cert, key } = new Authority().server();
    await listen(createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }), 'tls');
    await expectExplained('tls', 'a server that expects TLS (see --tls-ca)');
  });

  it('recognizes a gRPC server without our services, by the answer of containerd', async () => {
    const answer = new FoghornError('UNIMPLEMENTED', 'unknown service foghorn.v1.History');
    expect(await explainPeer(answer, '/a')).to.have.property(
      'message',
      "/a is the address of containerd, or another gRPC server, not of Foghorn's gRPC API",
    );
  });

  it('keeps the error of a server that says nothing', async () => {
    await listen(
      createServer((socket) => socket.destroy()),
      'silent',
    );
    const { stderr } = await foghorn(['-a', join(directory, 'silent'), 'ps']);
    expect(stderr).to.match(/^foghorn: cannot reach .*\n$/);
  });
});
