import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { AttachRequest } from '../../../protos/gen/foghorn/v1/recorder.js';
import { Authority } from '../../support/access/authority.js';
import { DockerClient } from '../../support/docker/docker-client.js';
import { expectRefusal } from '../../support/refusal.js';
import { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const RULES = `
roles:
  all: { publish: ['*'], read: ['*'], engine: ['*'], admin: ['*'] }
  a: { publish: [a], read: [a, moby] }
  looker: { read: [moby] }
  passer: { engine: [moby] }
grants: [{ role: all, to: [root] }, { role: a, to: [a] }, { role: passer, to: [passer] }]
local: [looker]
`;

describe('methods and rights', () => {
  let authority: Authority;
  let server: TestServer;
  let engine: Server;
  const askedOfEngine: string[] = [];

  before(async () => {
    authority = new Authority();
    const access = authority.path('access.yaml');
    writeFileSync(access, RULES);
    const socket = (name: string): string => authority.path(`${name}.sock`);
    engine = createServer(({ method = '', url = '' }, response) => {
      askedOfEngine.push(`${method} ${url}`);
      response.end('{"from":"engine"}');
    });
    engine.listen(socket('engine'));
    await once(engine, 'listening');
    server = await TestServer.start({
      access,
      grpc: [
        `unix://${socket('root')}?as=root`,
        `unix://${socket('a')}?as=a&mode=0600`,
        'localhost:0',
      ],
      docker: [
        ...['root', 'stranger', 'passer'].map(
          (name) => `unix://${socket(`docker-${name}`)}?as=${name}`,
        ),
        `unix://${socket('docker')}`,
      ],
      engine: { text: 'engine', target: { socketPath: socket('engine') } },
      http: ['127.0.0.1:0'],
    });
  });

  after(async () => {
    await server.stop();
    engine.close();
    authority.remove();
  });

  const as = (name: string): TestClient =>
    server.client(`unix://${authority.path(`${name}.sock`)}`);

  it('Describe shows sizes and subscriptions of others to those who may read everything', async () => {
    const stream = as('root').subscribe();
    await stream.headers;
    await as('root').publish('/x', undefined, { 'containerd-namespace': 'b' });
    const whole = await as('root').describe();
    expect(whole.subscriptionCount).to.equal(1);
    expect(Number(whole.entryBytes)).to.be.greaterThan(0);
    const part = await as('a').describe();
    expect(part.subscriptionCount).to.equal(0);
    expect(part.entryBytes).to.equal(0n);
    expect(part.storedBytes).to.equal(0n);
    expect(part.entryCount).to.equal(1n);
    stream.cancel();
  });

  it('Attach needs the right to publish what the recorder stores', async () => {
    const attach = async (by: TestClient, namespace: string): Promise<number> => {
      const message = { $case: 'daemon' as const, value: { kind: 'docker', namespace } };
      const request = AttachRequest.encode(AttachRequest.fromPartial({ message })).finish();
      const stream = by.duplex('/foghorn.v1.Recorders/Attach');
      stream.sendBytes(request);
      stream.end();
      return (await stream.status).code;
    };
    expect(await attach(as('a'), 'a')).to.equal(status.OK);
    expect(await attach(as('a'), 'b')).to.equal(status.PERMISSION_DENIED);
    expect(await attach(as('a'), '')).to.equal(status.PERMISSION_DENIED);
    expect(await attach(as('root'), '')).to.equal(status.OK);
  });

  it('an engine answers callers with the right engine alone', async () => {
    const docker = new DockerClient(authority.path('docker.sock'));
    const { status: refused, body } = await docker.ask('GET', '/images/json');
    expect(refused).to.equal(403);
    expect(body).to.include('does not have the right engine on namespace');
    const root = new DockerClient(authority.path('docker-root.sock'));
    expect(await root.json('/images/json')).to.deep.equal({ from: 'engine' });
    docker.close();
    root.close();
  });

  it('an engine is asked nothing for a caller who may not read', async () => {
    const docker = new DockerClient(authority.path('docker-stranger.sock'));
    askedOfEngine.length = 0;
    for (const name of ['web', 'c0ffee'.repeat(11).slice(0, 64)]) {
      const { status: refused, body } = await docker.ask('POST', `/containers/${name}/wait`);
      expect(refused).to.equal(403);
      expect(body).to.include('"stranger\\" does not have the right');
    }
    docker.close();
    expect(askedOfEngine.filter((request) => request !== 'GET /version')).to.deep.equal([]);
  });

  it('a wait of a caller who may use the engine alone is left to the engine', async () => {
    const docker = new DockerClient(authority.path('docker-passer.sock'));
    const { body } = await docker.ask('POST', '/containers/web/wait');
    expect(JSON.parse(body)).to.deep.equal({ from: 'engine' });
    docker.close();
  });

  it('health needs no identity, and reflection and Version do', async () => {
    const [, , tcp = ''] = server.addresses;
    const stranger = server.client(tcp);
    await stranger.call('/grpc.health.v1.Health/Check', Buffer.of());
    for (const path of [
      '/containerd.services.version.v1.Version/Version',
      '/containerd.services.introspection.v1.Introspection/Server',
      '/foghorn.v1.History/Describe',
    ]) {
      await expectRefusal(stranger.call(path, Buffer.of()), status.UNAUTHENTICATED);
    }
    const reflection = stranger.duplex('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo');
    expect((await reflection.status).code).to.equal(status.UNAUTHENTICATED);
  });

  it('a deleted namespace of others is not told apart from one with containers', async () => {
    const request = Buffer.concat([Buffer.of(0x0a, 1), Buffer.from('b')]);
    await expectRefusal(
      as('a').call('/containerd.services.namespaces.v1.Namespaces/Delete', request),
      status.PERMISSION_DENIED,
      '"a" does not have the right publish on namespace "b"',
    );
  });

  it('a TCP address of the network is refused without TLS and identity', async () => {
    for (const options of [
      { grpc: ['0.0.0.0:0'] },
      { http: ['0.0.0.0:0'] },
      { docker: ['[::]:0'] },
      { grpc: ['0.0.0.0:0'], tls: { ...authority.server(), clientCa: undefined } },
    ]) {
      const started = TestServer.start(options).then(
        (open) => open.stop().then(() => 'open'),
        (error: unknown) => (error as Error).message,
      );
      expect(await started).to.match(/^cannot listen on \S+: without .* or --insecure$/);
    }
    const insisted = await TestServer.start({ grpc: ['0.0.0.0:0'], insecure: true });
    await insisted.stop();
  });
});
