import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { expect } from 'chai';
import { pino } from 'pino';
import {
  WaitRequest,
  WaitResponse,
  type WaitRequest as Subject,
} from '../../../protos/gen/containerd/services/tasks/v1/tasks.js';
import { FoghornError } from '../../../protocol/errors.js';
import { GrpcEdge } from '../../../server/grpc/grpc-edge.js';
import { createHttp2Server } from '../../../server/http2/index.js';
import type { Method } from '../../../server/services/service.js';
import { openListeners } from '../../support/open-listeners.js';
import { Container, report } from '../../support/task-events.js';
import { TestServer } from '../../support/test-server.js';

const WAIT = '/containerd.services.tasks.v1.Tasks/Wait';
const asIs = (bytes: Buffer): Buffer => bytes;

/** A containerd that has forgotten every task, and lists what it was asked. */
function forgetful(asked: string[]): Method[] {
  return [
    {
      kind: 'unary',
      path: WAIT,
      decode: (bytes) => WaitRequest.decode(bytes),
      handle: (request) => {
        const { containerId } = request as Subject;
        asked.push(containerId);
        const text = `task ${containerId} not found`;
        return Promise.reject(new FoghornError('NOT_FOUND', text));
      },
      encode: () => new Uint8Array(),
    },
    {
      kind: 'unary',
      path: '/test.Test/Metadata',
      decode: (bytes) => bytes,
      handle: (_request, call) => Promise.resolve(call.metadata('x-twice')),
      encode: (text) => Buffer.from(String(text)),
    },
    {
      kind: 'unary',
      path: '/test.Test/Credential',
      decode: (bytes) => bytes,
      handle: (_request, call) => Promise.resolve(call.metadata('authorization')),
      encode: (text) => Buffer.from(String(text)),
    },
  ];
}

describe('a call that passes to a containerd', () => {
  const asked: string[] = [];
  let directory: string;
  let containerd: GrpcEdge;
  let target: string;
  let server: TestServer;
  let client: Client;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-passing-'));
    containerd = new GrpcEdge(
      forgetful(asked),
      createHttp2Server,
      openListeners(),
      100,
      pino({ level: 'silent' }),
    );
    target = await containerd.listen(`unix://${directory}/containerd.sock`);
    server = await TestServer.start({ containerd: target });
    client = new Client(server.address, credentials.createInsecure());
  });
  after(async () => {
    client.close();
    await server.stop();
    await containerd.close();
    rmSync(directory, { recursive: true });
  });

  function call(path: string, request: Uint8Array, metadata: Metadata): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, asIs, asIs, Buffer.from(request), metadata, (error, answer) => {
        if (error === null) resolve(answer!);
        else reject(error);
      });
    });
  }

  async function wait(containerId: string, execId = ''): Promise<WaitResponse> {
    const metadata = new Metadata();
    metadata.set('containerd-namespace', 'default');
    const request = WaitRequest.encode({ containerId, execId }).finish();
    return WaitResponse.decode(await call(WAIT, request, metadata));
  }

  it('has the end of a forgotten task from history', async () => {
    const container = new Container('c1');
    await report(server.client(), container.start(7), container.exit(7, 9), container.delete(7, 9));
    expect((await wait('c1')).exitStatus).to.equal(9);
    expect((await wait('c1', 'c1')).exitStatus).to.equal(9);
    expect(asked).to.include('c1');
  });

  it('has the status of containerd where history does not know better', async () => {
    const error = (await wait('never').catch((failure: unknown) => failure)) as ServiceError;
    expect(error.code).to.equal(5);
    expect(error.details).to.equal('task never not found');
  });

  it('keeps each value of metadata that is sent twice', async () => {
    const metadata = new Metadata();
    metadata.add('x-twice', 'a');
    metadata.add('x-twice', 'b');
    expect((await call('/test.Test/Metadata', Buffer.alloc(0), metadata)).toString()).to.equal('a');
  });

  it('leaves the credential for the broker behind', async () => {
    const metadata = new Metadata();
    metadata.set('authorization', 'Bearer secret');
    const answer = await call('/test.Test/Credential', Buffer.alloc(0), metadata);
    expect(answer.toString()).to.equal('undefined');
  });

  it('needs the right on every namespace where its metadata does not bound it', async () => {
    const access = join(directory, 'access.yaml');
    const rules = 'roles: { a: { engine: [a] } }\ngrants: [{ role: a, to: [a] }]\n';
    writeFileSync(access, rules);
    const grpc = [`unix://${directory}/a.sock?as=a`];
    const guarded = await TestServer.start({ access, grpc, containerd: target });
    const caller = new Client(guarded.address, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('containerd-namespace', 'a');
    const ask = (path: string): Promise<number> =>
      new Promise((resolve) => {
        caller.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), metadata, (error) => {
          resolve(error?.code ?? 0);
        });
      });
    // The containerd of this test does not know the task.
    expect(await ask(WAIT)).to.equal(5);
    for (const method of ['List', 'Update', 'Delete']) {
      expect(await ask(`/containerd.services.namespaces.v1.Namespaces/${method}`)).to.equal(7);
    }
    // CRI ignores the metadata: all its calls are about the namespace k8s.io.
    expect(await ask('/runtime.v1.RuntimeService/ExecSync')).to.equal(7);
    expect(await ask('/test.Test/Metadata')).to.equal(7);
    caller.close();
    await guarded.stop();
  });

  it('is counted with all others, whatever its path is', async () => {
    const counting = await TestServer.start({ containerd: target, http: ['127.0.0.1:0'] });
    const caller = new Client(counting.address, credentials.createInsecure());
    await new Promise((resolve) => {
      caller.makeUnaryRequest('/made.Up/Path', asIs, asIs, Buffer.alloc(0), resolve);
    });
    const metrics = await (await fetch(`${counting.http}/metrics`)).text();
    expect(metrics).to.match(/foghorn_calls_total\{.*method="passed".*\} 1\n/);
    expect(metrics).to.not.include('made.Up');
    caller.close();
    await counting.stop();
  });

  it('fails while containerd is down, and passes when it is back', async () => {
    const path = `${directory}/away.sock`;
    const other = await TestServer.start({ containerd: `unix://${path}` });
    const away = new Client(other.address, credentials.createInsecure());
    const ask = (): Promise<number> =>
      new Promise((resolve) => {
        away.makeUnaryRequest('/test.Test/Metadata', asIs, asIs, Buffer.alloc(0), (error) => {
          resolve(error?.code ?? 0);
        });
      });
    expect(await ask()).to.equal(14);
    const late = new GrpcEdge(
      forgetful([]),
      createHttp2Server,
      openListeners(),
      100,
      pino({ level: 'silent' }),
    );
    await late.listen(`unix://${path}`);
    expect(await ask()).to.equal(0);
    away.close();
    await late.close();
    await other.stop();
  });
});
