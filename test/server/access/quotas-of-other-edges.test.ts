import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerClient } from '../../support/docker/docker-client.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { forward, RawTtrpc } from '../../support/raw-ttrpc.js';
import { TestServer } from '../../support/test-server.js';

const RULES = `
roles:
  all: { publish: ['*'], read: ['*'], engine: ['*'] }
  one-call: { quota: { calls: 1 } }
  few-calls: { quota: { calls: 3, connections: 1 } }
grants:
  - { role: all, to: ['*'] }
  - { role: one-call, to: [docker, grpc] }
  - { role: few-calls, to: [shim] }
`;
const FRAMES = 2000;
const asIs = (bytes: Buffer): Buffer => bytes;

describe('the quota of calls', () => {
  let directory: string;
  let engine: Server;
  let containerd: Http2Server;
  let server: TestServer;
  /** Requests that the engine has, and does not answer yet. */
  const held: ServerResponse[] = [];
  /** Calls that containerd has; it answers none. */
  let passedCalls = 0;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-quotas-'));
    writeFileSync(path('access.yaml'), RULES);
    engine = createServer((request, response) => {
      if (request.url === '/held') held.push(response);
      else response.end('{}');
    }).listen(path('engine.sock'));
    containerd = createHttp2Server().on('stream', (stream) => {
      stream.on('error', () => undefined);
      passedCalls += 1;
    });
    containerd.listen(path('containerd.sock'));
    await Promise.all([once(engine, 'listening'), once(containerd, 'listening')]);
    server = await TestServer.start({
      access: path('access.yaml'),
      grpc: [`unix://${path('grpc.sock')}?as=grpc`, `unix://${path('free.sock')}?as=free`],
      docker: [`unix://${path('docker.sock')}?as=docker`],
      ttrpc: [`unix://${path('ttrpc.sock')}?as=shim`],
      engine: { text: 'engine', target: { socketPath: path('engine.sock') } },
      containerd: `unix://${path('containerd.sock')}`,
    });
  });

  after(async () => {
    await server.stop();
    engine.close();
    containerd.close();
    rmSync(directory, { recursive: true });
  });

  const path = (name: string): string => join(directory, name);

  it('counts requests that pass to an engine', async () => {
    const [first, second] = [
      new DockerClient(path('docker.sock')),
      new DockerClient(path('docker.sock')),
    ];
    const answer = first.ask('GET', '/held');
    await eventually(() => held.length === 1);
    const refused = await second.ask('GET', '/images/json');
    expect(refused.status).to.equal(429);
    expect(refused.headers['retry-after']).to.equal('1');
    expect(refused.body).to.include('may have at most 1 calls');
    held[0]!.end('{}');
    expect((await answer).status).to.equal(200);
    await eventually(async () => (await second.ask('GET', '/images/json')).status === 200);
    first.close();
    second.close();
  });

  it('counts calls that pass to a containerd', async () => {
    const client = new Client(`unix://${path('grpc.sock')}`, credentials.createInsecure());
    const bytes = Buffer.of();
    const call = (done: (error: ServiceError | null) => void) =>
      client.makeUnaryRequest('/other.Service/Call', asIs, asIs, bytes, new Metadata(), done);
    const codeOf = (): Promise<string> =>
      new Promise((resolve) => {
        const second = call((error) => {
          resolve(status[error?.code ?? status.OK]);
        });
        // It is answered only if it is refused.
        void eventually(() => passedCalls > 1).then(() => {
          second.cancel();
        });
      });
    const first = call(() => undefined);
    await eventually(() => passedCalls === 1);
    expect(await codeOf()).to.equal('RESOURCE_EXHAUSTED');
    first.cancel();
    await eventually(async () => (await codeOf()) === 'CANCELLED');
    client.close();
  });

  it('counts the connections and the requests of shims', async () => {
    const shim = await RawTtrpc.open(path('ttrpc.sock'));
    expect(await shim.call(forward(1, exitEnvelope(1)))).to.include({ code: status.OK });
    const another = await RawTtrpc.open(path('ttrpc.sock'));
    if (!another.socket.closed) await once(another.socket, 'close');
    const numbers = Array.from({ length: FRAMES }, (_, index) => index + 2);
    shim.send(...numbers.map((number) => forward(2 * number - 1, exitEnvelope(number))));
    const answers = await shim.answers(FRAMES);
    const refused = answers.filter(({ code }) => code > 0);
    expect(new Set(refused.map(({ code }) => code))).to.deep.equal(
      new Set([status.RESOURCE_EXHAUSTED]),
    );
    expect(refused.length).to.be.within(1, FRAMES - 3);
    expect(refused[0]!.message).to.include('"shim" may have at most 3 calls');
    const { entryCount } = await server.client(`unix://${path('free.sock')}`).describe();
    expect(Number(entryCount)).to.equal(1 + FRAMES - refused.length);
    expect(await shim.call(forward(1, exitEnvelope(FRAMES + 2)))).to.include({ code: status.OK });
    shim.socket.destroy();
  });
});
