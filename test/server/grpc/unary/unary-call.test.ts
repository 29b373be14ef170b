import { once } from 'node:events';
import { getActiveResourcesInfo } from 'node:process';
import { constants, createServer } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { expect } from 'chai';
import { pino } from 'pino';
import { FoghornError } from '../../../../protocol/errors.js';
import { PublishRequest } from '../../../../protos/gen/services/events/v1/events.js';
import { takeUnaryCalls } from '../../../../server/grpc/unary/unary-call.js';
import { eventually } from '../../../support/eventually.js';
import { PublishServer } from '../../../support/publish-server.js';
import { readAnswer, statusIn } from '../../../support/raw-answer.js';
import { frame } from '../../../support/raw-http2.js';
import { TestClient } from '../../../support/test-client.js';

const PUBLISH = '/containerd.services.events.v1.Events/Publish';
const MESSAGE = PublishRequest.encode({ topic: '/x', event: undefined }).finish();
const [OK, NOT_FOUND] = [0, 5];

/** A call that the test answers. */
interface Pending {
  readonly confirm: () => void;
  readonly refuse: (error: Error) => void;
}

describe('unary calls beside grpc-js', () => {
  let server: PublishServer;
  let pending: Pending[];

  const accept = (): Promise<void> =>
    new Promise((confirm, refuse) => {
      pending.push({ confirm, refuse });
    });
  const isPending = (count: number): Promise<void> => eventually(() => pending.length === count);

  beforeEach(async () => {
    pending = [];
    server = await PublishServer.start({
      past: true,
      accept,
      acceptThrough: () => Promise.reject(new FoghornError('NOT_FOUND', 'went through it')),
    });
  });
  afterEach(() => {
    server.stop();
  });

  async function expectToGoOn(): Promise<void> {
    pending.length = 0;
    const answer = readAnswer(server.connect().call(PUBLISH, MESSAGE));
    await isPending(1);
    pending[0]!.confirm();
    expect(statusIn(await answer).code).to.equal(OK);
  }

  it('include those of a grpc-js client', async () => {
    const client = new TestClient(server.address);
    const answer = client.publish('/x', undefined);
    await isPending(1);
    pending[0]!.confirm();
    await answer;
    client.close();
  });

  for (const headers of [{ 'grpc-encoding': 'identity' }, { ':method': 'PUT' }]) {
    it(`exclude those with ${JSON.stringify(headers)}`, async () => {
      const answer = await readAnswer(server.connect().call(PUBLISH, MESSAGE, headers));
      expect(statusIn(answer)).to.deep.equal({ code: NOT_FOUND, details: 'went through it' });
    });
  }

  it('are none without access to the HTTP/2 servers', () => {
    for (const other of [{}, { http2Servers: [] }, { http2Servers: new Set() }]) {
      takeUnaryCalls(other as unknown as Server, [], pino({ level: 'silent' }));
    }
  });

  it('are none when grpc-js does not listen for streams', () => {
    const http2Server = createServer();
    const other = { http2Servers: new Map([[http2Server, {}]]) };
    takeUnaryCalls(other as unknown as Server, [], pino({ level: 'silent' }));
    expect(http2Server.listenerCount('stream')).to.equal(0);
  });

  it('may be cancelled within their request', async () => {
    const connection = server.connect();
    for (const code of [constants.NGHTTP2_CANCEL, constants.NGHTTP2_NO_ERROR]) {
      for (const size of [0, 3, 5 + MESSAGE.length]) {
        const stream = connection.open(PUBLISH);
        await new Promise((resolve) => stream.write(frame(MESSAGE).subarray(0, size), resolve));
        stream.close(code);
        await once(stream, 'close');
      }
    }
    await expectToGoOn();
    expect(pending).to.have.lengthOf(1);
  });

  it('may be cancelled before they are answered', async () => {
    const connection = server.connect();
    const streams = [1, 2, 3].map(() => connection.call(PUBLISH, MESSAGE));
    await isPending(3);
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
    await Promise.all(streams.map((stream) => once(stream, 'close')));
    const [one, other, third] = pending;
    await expectToGoOn();
    one!.confirm();
    other!.refuse(new FoghornError('INVALID_ARGUMENT', 'no'));
    third!.refuse(new Error('internal'));
    await expectToGoOn();
  });

  it('may lose their connection', async () => {
    const connection = server.connect();
    connection.call(PUBLISH, MESSAGE);
    connection.open(PUBLISH).write(frame(MESSAGE).subarray(0, 3));
    await isPending(1);
    const [one] = pending;
    connection.kill();
    await expectToGoOn();
    one!.confirm();
    await expectToGoOn();
  });

  it('leave no timer behind', async () => {
    const timers = (): number =>
      getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    // The test runner's own timer starts in the first tick.
    await new Promise(setImmediate);
    const before = timers();
    const connection = server.connect();
    const call = () => connection.call(PUBLISH, MESSAGE, { 'grpc-timeout': '1H' });
    const [answered, refused, givenUp] = [call(), call(), call()];
    await isPending(3);
    expect(timers()).to.be.at.least(before + 3);
    pending[0]!.confirm();
    pending[1]!.refuse(new FoghornError('INVALID_ARGUMENT', 'no'));
    givenUp.close(constants.NGHTTP2_CANCEL);
    await Promise.all([readAnswer(answered), readAnswer(refused)]);
    await eventually(async () => {
      // `eventually` uses a timer of its own, which counts until then.
      await new Promise(setImmediate);
      return timers() <= before;
    });
  });

  it('are finished before a drain ends', async () => {
    const connection = server.connect();
    const answer = readAnswer(connection.call(PUBLISH, MESSAGE));
    await isPending(1);
    let drained = false;
    const draining = server.drain().then(() => (drained = true));
    // Enough ticks for a server that does not wait.
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(drained).to.equal(false);
    pending[0]!.confirm();
    expect(statusIn(await answer).code).to.equal(OK);
    await draining;
  });
});
