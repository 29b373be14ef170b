import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { FoghornError, connect, events, pack } from '../../../client/index.js';
import type { Client, Receipt, WaitOptions } from '../../../client/index.js';
import type { WaitRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { Cleanup } from '../../support/processes/cleanup.js';
import { BrokerProcess } from '../../support/processes/broker-process.js';
import { eventually } from '../../support/eventually.js';
import { TestServer } from '../../support/test-server.js';
import { ScriptedPeer } from '../scripted-peer.js';
import type { ReadCall } from '../scripted-broker.js';
import type { WaitAnswer, WaitCall } from '../scripted-peer.js';

async function startRun(client: Client, id: string, pid: number): Promise<string> {
  const event = pack(events.TaskStart, { containerId: id, pid });
  return cursorOf(await client.publish({ topic: '/tasks/start', event }));
}

async function exitRun(
  client: Client,
  id: string,
  pid: number,
  exitStatus: number,
  exec = id,
): Promise<string> {
  const exitedAt = { seconds: 1_700_000_000n, nanos: pid };
  const event = pack(events.TaskExit, { containerId: id, id: exec, pid, exitStatus, exitedAt });
  return cursorOf(await client.publish({ topic: '/tasks/exit', event }));
}

function cursorOf(receipt: Receipt): string {
  return receipt.kind === 'stored' ? receipt.cursor : '';
}

describe('wait', () => {
  let server: TestServer;
  let client: Client;

  beforeEach(async () => {
    server = await TestServer.start();
    client = connect({ address: server.address });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  it('returns the end of a run that has ended', async () => {
    await startRun(client, 'c', 7);
    const cursor = await exitRun(client, 'c', 7, 42);
    expect(await client.wait({ id: 'c' })).to.deep.equal({
      status: 42,
      exitedAt: 1_700_000_000_000_000_007n,
      cursor,
      pid: 7,
    });
  });

  it('returns the end of a run when it ends', async () => {
    await startRun(client, 'c', 7);
    const waits = [client.wait({ id: 'c' }), client.wait({ id: 'c' }, { exec: 'e' })];
    await exitRun(client, 'c', 9, 2, 'e');
    await exitRun(client, 'c', 7, 137);
    expect((await Promise.all(waits)).map((exit) => exit.status)).to.deep.equal([137, 2]);
  });

  it('selects the requested run among several', async () => {
    const first = await startRun(client, 'c', 7);
    await exitRun(client, 'c', 7, 42);
    const second = await startRun(client, 'c', 8);
    await exitRun(client, 'c', 8, 0);
    const statusOf = async (options: WaitOptions) =>
      (await client.wait({ id: 'c' }, options)).status;
    expect(await statusOf({})).to.equal(0);
    expect(await statusOf({ pid: 7 })).to.equal(42);
    expect(await statusOf({ after: first })).to.equal(42);
    expect(await statusOf({ after: second })).to.equal(0);
  });

  it('waits for the next end on request, although there were earlier ones', async () => {
    await startRun(client, 'c', 7);
    await exitRun(client, 'c', 7, 42);
    const connected: string[] = [];
    const waiting = client.wait(
      { id: 'c' },
      { next: true, onStatus: ({ state }) => connected.push(state) },
    );
    await eventually(() => connected.length > 0);
    await startRun(client, 'c', 8);
    await exitRun(client, 'c', 8, 1);
    expect((await waiting).status).to.equal(1);
  });

  it('looks in the given namespace', async () => {
    const other = connect({ address: server.address, namespace: 'other' });
    await exitRun(other, 'c', 7, 3);
    expect((await client.wait({ id: 'c', namespace: 'other' })).status).to.equal(3);
    expect((await other.wait({ id: 'c' })).status).to.equal(3);
    await other.close();
  });

  const failureOf = (options: WaitOptions, id = 'c') =>
    client.wait({ id }, options).catch((error: unknown) => error as FoghornError);

  it('names the process that has not ended when it times out', async () => {
    await startRun(client, 'c', 7);
    expect(await failureOf({ timeout: 100 })).to.include({
      code: 'DEADLINE_EXCEEDED',
      message: 'container c has not ended within 100 ms',
    });
    expect(await failureOf({ timeout: 100, exec: 'e', next: true })).to.include({
      message: 'exec e of container c has not ended within 100 ms',
    });
  });

  it('is cancelled by its signal and by closing the client', async () => {
    const controller = new AbortController();
    const given = failureOf({ signal: controller.signal });
    controller.abort();
    expect(await given).to.include({ code: 'CANCELLED', message: 'the wait was given up' });
    const closed = failureOf({});
    await client.close();
    expect(await closed).to.include({ code: 'CANCELLED', message: 'the client was closed' });
  });

  for (const [options, text] of [
    [{ pid: 1, next: true }, 'at most one of pid, after and next'],
    [{ pid: 0 }, 'pid 0: expected'],
    [{ pid: 2 ** 32 }, 'pid 4294967296: expected'],
    [{ after: '' }, 'after: expected a cursor'],
    [{ after: 'x' }, 'cursor'],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      const failure = await failureOf(options);
      expect(failure).to.be.instanceOf(FoghornError).with.property('code', 'INVALID_ARGUMENT');
      expect(failure).to.have.property('message').that.includes(text);
    });
  }

  it('fails when there is no broker', async () => {
    const nobody = connect({ address: `unix://${server.directory}/nobody.sock` });
    for (const options of [{}, { next: true }]) {
      const failure: unknown = await nobody
        .wait({ id: 'c' }, options)
        .catch((error: unknown) => error);
      expect(failure).to.have.property('code', 'UNAVAILABLE');
      expect(failure)
        .to.have.property('message')
        .that.matches(/^cannot reach .* \(no such socket\)$/);
    }
    await nobody.close();
  });
});

describe('wait, with a broker that is killed', function () {
  this.timeout(120_000);

  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  it('returns an end that was reported meanwhile, and nothing before that', async () => {
    const broker = await BrokerProcess.create(cleanup);
    await broker.start();
    const client = connect({ address: broker.address });
    cleanup.defer(() => client.close());
    await startRun(client, 'c', 7);
    const states: string[] = [];
    const onStatus = ({ state }: { state: string }) => states.push(state);
    const waits = [{}, { next: true }, { pid: 7 }].map((options) =>
      client.wait({ id: 'c' }, { ...options, onStatus }),
    );
    await eventually(() => states.length === 3);
    await broker.end('SIGKILL');
    await eventually(() => states.filter((state) => state === 'disconnected').length >= 3);
    await broker.start();
    // By somebody else, and so early that a wait may not be back yet.
    const reporter = connect({ address: broker.address });
    await exitRun(reporter, 'c', 7, 42);
    await reporter.close();
    expect((await Promise.all(waits)).map((exit) => exit.status)).to.deep.equal([42, 42, 42]);
  });
});

describe('wait, with a peer that misbehaves', () => {
  let directory: string;
  let peer: ScriptedPeer;
  let client: Client;
  let requests: WaitRequest[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-wait-'));
    requests = [];
  });

  afterEach(async () => {
    await client.close();
    peer.kill();
    rmSync(directory, { recursive: true });
  });

  /** The n-th call is answered by the n-th of these. */
  async function start(...answers: ((answer: WaitAnswer) => void)[]): Promise<void> {
    peer = new ScriptedPeer(join(directory, 'p.sock'), {
      wait: (call: WaitCall, answer: WaitAnswer) => {
        requests.push(call.request);
        answers.shift()?.(answer);
      },
      read: (call: ReadCall) => {
        call.write({ message: { $case: 'caughtUp', value: { cursor: 'here' } } });
        call.end();
      },
    });
    await peer.start();
    client = connect({ address: peer.address });
  }

  const exit = { exitStatus: 1, exitedAt: { seconds: 1n, nanos: 0 }, cursor: 'x', pid: 0 };
  const succeed = (answer: WaitAnswer) => {
    answer(null, exit);
  };
  const fail = (code: status) => (answer: WaitAnswer) => {
    answer({ code, details: 'scripted' });
  };

  it('asks again, from the same position, when a call was cut or timed out', async () => {
    await start(
      fail(status.UNAVAILABLE),
      fail(status.DEADLINE_EXCEEDED),
      fail(status.CANCELLED),
      succeed,
    );
    expect((await client.wait({ id: 'c' }, { next: true })).status).to.equal(1);
    expect(requests.map(({ condition }) => condition)).to.deep.equal(
      Array.from({ length: 4 }, () => ({ $case: 'nextExit', value: { after: 'here' } })),
    );
  });

  it('waits for the broker when an earlier call has reached it', async () => {
    await start(succeed);
    await client.read({ start: 'now', stopWhenCaughtUp: true })[Symbol.asyncIterator]().next();
    peer.kill();
    const states: string[] = [];
    const onStatus = ({ state }: { state: string }) => states.push(state);
    const waiting = client.wait({ id: 'c' }, { onStatus });
    await eventually(() => states.includes('disconnected'));
    await peer.start();
    expect((await waiting).status).to.equal(1);
  });

  it('does not retry a failure that cannot pass', async () => {
    await start(fail(status.NOT_FOUND));
    const failure: unknown = await client.wait({ id: 'c' }).catch((error: unknown) => error);
    expect(failure).to.include({ code: 'NOT_FOUND', message: 'scripted' });
  });

  it('does not take an empty answer for exit status 0', async () => {
    await start((answer) => {
      answer(null, { exitStatus: 0, exitedAt: undefined, cursor: '', pid: 0 });
    });
    const failure: unknown = await client.wait({ id: 'c' }).catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'UNKNOWN');
  });
});
