import { once } from 'node:events';
import { getActiveResourcesInfo } from 'node:process';
import { constants } from 'node:http2';
import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { PublishRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import { eventually } from '../../support/eventually.js';
import { PublishServer } from '../../support/publish-server.js';
import { readAnswer, statusIn } from '../../support/raw-answer.js';
import { frame } from '../../support/raw-http2.js';
import { TestClient } from '../../support/test-client.js';
import { WIRE_NAMES } from '../../support/wires.js';

const PUBLISH = '/containerd.services.events.v1.Events/Publish';
const MESSAGE = PublishRequest.encode({ topic: '/x', event: undefined }).finish();
const OK = 0;

/** A call that the test answers. */
interface Pending {
  readonly confirm: () => void;
  readonly refuse: (error: Error) => void;
}

for (const wire of WIRE_NAMES) {
  describe(`unary calls over the HTTP/2 server "${wire}"`, () => {
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
        wire,
        accept,
      });
    });
    afterEach(() => server.stop());

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
}
