import { once } from 'node:events';
import { statSync } from 'node:fs';
import { expect } from 'chai';
import type { ServiceError } from '@grpc/grpc-js';
import { ForwardRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { MAX_DATA_BYTES } from '../../../server/ttrpc/frame.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { forward, frame, RawTtrpc, request } from '../../support/raw-ttrpc.js';
import { storedNumbers } from '../../support/stored-numbers.js';
import { TestServer } from '../../support/test-server.js';

describe("containerd's ttrpc", () => {
  let server: TestServer;
  let connection: RawTtrpc;

  beforeEach(async () => {
    server = await TestServer.start();
    connection = await RawTtrpc.open(server.ttrpcSocket);
  });

  afterEach(async () => {
    connection.socket.destroy();
    await server.stop();
  });

  const stored = (): Promise<number[]> => storedNumbers(server);

  it('stores a forwarded event and answers with an empty response', async () => {
    const answer = await connection.call(forward(7, exitEnvelope(1)));
    expect(answer).to.deep.equal({ stream: 7, type: 2, code: 0, message: '', length: 0 });
    expect(await stored()).to.deep.equal([1]);
  });

  it('stores pipelined events in their order', async () => {
    const numbers = Array.from({ length: 2000 }, (_, n) => n + 1);
    connection.send(...numbers.map((n) => forward(2 * n - 1, exitEnvelope(n))));
    const answers = await connection.answers(numbers.length);
    expect(answers.map(({ stream }) => stream)).to.deep.equal(numbers.map((n) => 2 * n - 1));
    expect(await stored()).to.deep.equal(numbers);
  });

  it('knows an event that it has, also from gRPC', async () => {
    await server.client().forward(exitEnvelope(1));
    await connection.call(forward(1, exitEnvelope(1)));
    expect(await stored()).to.deep.equal([1]);
  });

  const REFUSED: Record<string, Envelope | undefined> = {
    'without an envelope': undefined,
    'without a namespace': exitEnvelope(1, { namespace: '' }),
    'with a bad topic': exitEnvelope(1, { topic: 'tasks/%d' }),
    'without a time': exitEnvelope(1, { timestamp: undefined }),
  };
  for (const [which, envelope] of Object.entries(REFUSED)) {
    it(`refuses an event ${which} as gRPC does, and stores those around it`, async () => {
      connection.send(
        forward(1, exitEnvelope(1)),
        forward(3, envelope),
        forward(5, exitEnvelope(2)),
      );
      const answers = await connection.answers(3);
      const { code, details } = await server
        .client()
        .forward(envelope)
        .then(
          () => expect.fail('gRPC took it'),
          (error: unknown) => error as ServiceError,
        );
      expect(answers.map((answer) => answer.code)).to.deep.equal([0, code, 0]);
      expect(answers[1]!.message).to.equal(details);
      expect(await stored()).to.deep.equal([1, 2]);
    });
  }

  const payload = ForwardRequest.encode({ envelope: exitEnvelope(1) }).finish();
  const WRONG: Record<string, { bytes: Buffer; code: number; message: string | RegExp }> = {
    'an unknown service': {
      bytes: request(1, payload, { service: 'containerd.services.events.v1.Events' }),
      code: 12,
      message: 'service containerd.services.events.v1.Events',
    },
    'an unknown method': {
      bytes: request(1, payload, { method: 'Publish' }),
      code: 12,
      message: 'method Publish',
    },
    'an even stream': {
      bytes: request(2, payload),
      code: 3,
      message: 'StreamID must be odd for client initiated streams',
    },
    'bytes that are no request': {
      bytes: frame(1, Buffer.from([0x0a, 0xff])),
      code: 3,
      message: /^unmarshal request error: /,
    },
    'a payload that is no ForwardRequest': {
      bytes: request(1, Buffer.from([0x0a, 0xff])),
      code: 13,
      message: /^ttrpc: error unmarshalling payload: /,
    },
    'a message that is too large': {
      bytes: frame(1, Buffer.alloc(MAX_DATA_BYTES + 1)),
      code: 8,
      message: `message length ${MAX_DATA_BYTES + 1} exceed maximum message size of ${MAX_DATA_BYTES}`,
    },
  };
  for (const [what, { bytes, code, message }] of Object.entries(WRONG)) {
    it(`answers ${what} as containerd does, and goes on`, async () => {
      const answer = await connection.call(bytes);
      expect(answer.code).to.equal(code);
      if (typeof message === 'string') expect(answer.message).to.equal(message);
      else expect(answer.message).to.match(message);
      expect((await connection.call(forward(3, exitEnvelope(5)))).code).to.equal(0);
    });
  }

  it('ignores frames of streaming calls', async () => {
    connection.send(frame(1, Buffer.from('data'), 3));
    expect((await connection.call(forward(3, exitEnvelope(1)))).stream).to.equal(3);
  });

  it('takes metadata and a time limit', async () => {
    const metadata = [{ key: 'containerd-namespace', value: 'other' }];
    const bytes = request(1, payload, { timeoutNano: 5_000_000_000n, metadata });
    expect((await connection.call(bytes)).code).to.equal(0);
    expect(await stored()).to.deep.equal([1]);
  });

  it('does not read on from a client that takes no answers', async () => {
    connection.socket.pause();
    const refused = request(1, payload, { method: 'x'.repeat(80) });
    const block = Buffer.concat(Array.from({ length: 1000 }, () => refused));
    // More than the socket's buffers and ours have room for.
    const isTaken = await Promise.race([
      new Promise<boolean>((resolve) => {
        const sendOn = (left: number): void => {
          if (left === 0) resolve(true);
          else {
            connection.socket.write(block, () => {
              sendOn(left - 1);
            });
          }
        };
        sendOn(200);
      }),
      new Promise<boolean>((resolve) => setTimeout(resolve, 1500, false)),
    ]);
    expect(isTaken).to.equal(false);
    const other = await RawTtrpc.open(server.ttrpcSocket);
    expect((await other.call(forward(1, exitEnvelope(1)))).code).to.equal(0);
    other.socket.destroy();
  });

  it('answers what it has read when the server drains, and closes', async () => {
    connection.send(forward(1, exitEnvelope(1)));
    await connection.answers(1);
    const closed = once(connection.socket, 'close');
    await server.drain();
    await closed;
  });

  it('is for its own user alone, and for unix sockets', async () => {
    expect(statSync(server.ttrpcSocket).mode & 0o777).to.equal(0o600);
    const refused = await TestServer.start({ ttrpc: ['127.0.0.1:0'] }).catch(
      (error: unknown) => error,
    );
    expect(refused).to.have.property(
      'message',
      'cannot listen on "127.0.0.1:0": expected unix:///path, because ttrpc has no TCP',
    );
  });
});
