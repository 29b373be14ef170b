import { existsSync, linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { DockerClient } from '../../support/docker/docker-client.js';
import { DockerServer } from '../../support/docker/docker-server.js';
import { recorded } from '../../support/docker/recorded-events.js';
import { TestServer } from '../../support/test-server.js';

describe('the Docker edge', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-docker-'));
    path = join(directory, 'docker.sock');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('serves a socket for its owner and group', async () => {
    const server = await DockerServer.start({ docker: [`unix://${path}`] });
    const { mode } = statSync(path);
    expect((mode & 0o777).toString(8)).to.equal('660');
    expect((await server.docker.ask('GET', '/_ping')).body).to.equal('OK');
    await server.stop();
    expect(existsSync(path)).to.equal(false);
  });

  it('serves the same on every address', async () => {
    const server = await DockerServer.start({ docker: ['127.0.0.1:0', `unix://${path}`] });
    const clients = [server.docker, new DockerClient(path)];
    const streams = clients.map((client) => client.events());
    for (const stream of streams) await stream.head;
    await server.grpc.forward(recorded({ timeNano: 5n }));
    const [one, other] = await Promise.all(
      streams.map((stream) => stream.when(({ length }) => length >= 1)),
    );
    expect(one).to.deep.equal(other);
    for (const client of clients) client.close();
    await server.stop();
  });

  it('does not listen without an address', async () => {
    const server = await TestServer.start({ docker: [] });
    expect(existsSync(join(server.directory, 'd.sock'))).to.equal(false);
    await server.stop();
  });

  it('replaces a socket that a dead process left', async () => {
    const dead = await listenOn(join(directory, 'dead.sock'));
    linkSync(join(directory, 'dead.sock'), path);
    await new Promise((resolve) => dead.close(resolve));
    const server = await DockerServer.start({ docker: [`unix://${path}`] });
    expect((await server.docker.ask('GET', '/_ping')).body).to.equal('OK');
    await server.stop();
  });

  it('leaves the socket of another process and other files alone', async () => {
    const other = await listenOn(path);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    for (const [address, reason] of [
      [`unix://${path}`, 'another process listens there'],
      [`unix://${file}`, 'there is a file that is not a socket'],
    ] as const) {
      const error = await TestServer.start({ docker: [address] }).catch(
        (refusal: unknown) => refusal,
      );
      expect(error).to.be.instanceOf(FoghornError);
      expect(error).to.have.property('code', 'FAILED_PRECONDITION');
      expect((error as FoghornError).message).to.include(reason);
    }
    await new Promise((resolve) => other.close(resolve));
  });
});

async function listenOn(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}
