import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ServiceError } from '@grpc/grpc-js';
import { EndReason } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { watchHealth } from '../../support/health-and-reflection.js';
import { expectRefusal } from '../../support/refusal.js';
import { forwardAll, range } from '../../support/history-seed.js';
import { RawConnection } from '../../support/raw-http2.js';
import { entriesOf, messagesOf, offsetsOf } from '../../support/responses.js';
import { TestServer } from '../../support/test-server.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;
const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';
const UNAVAILABLE = 14;
const SHORT_DRAIN_MS = 1000;

describe('a server that drains', () => {
  let directory: string;
  let server: TestServer;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-drain-'));
    server = await TestServer.start({ store: `lmdb:${directory}` });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  /** Starts the server again, with little time to drain. */
  async function shortenDrain(): Promise<void> {
    await server.drain();
    server = await TestServer.start({ store: `lmdb:${directory}` }, { drainMs: SHORT_DRAIN_MS });
  }

  function expectShortDrain(took: number): void {
    expect(took).to.be.within(SHORT_DRAIN_MS - 200, SHORT_DRAIN_MS + 3000);
  }

  it('ends a Read with its position and a Subscribe with OK, after everything was delivered', async () => {
    const client = server.client();
    const [read, subscribe] = [client.read(), client.subscribe()];
    await Promise.all([read.headers, subscribe.headers]);
    await forwardAll(
      client,
      range(1, 50).map((n) => exitEnvelope(n)),
    );
    const { last } = await client.describe();
    await server.drain();

    const responses = await read.toEnd();
    expect(offsetsOf(responses)).to.deep.equal(range(1, 50));
    const end = { reason: EndReason.END_REASON_SHUTDOWN, cursor: last!.cursor };
    expect(messagesOf(responses, 'end')).to.deep.equal([end]);
    expect(responses.at(-1)?.message?.$case).to.equal('end');
    expect(await subscribe.toEnd()).to.have.lengthOf(50);
  });

  it('ends a replay at a position from which nothing is missing', async () => {
    const topic = `/${'x'.repeat(50)}`.repeat(100);
    const client = server.client();
    await forwardAll(
      client,
      range(1, 1200).map((n) => exitEnvelope(n, { topic })),
    );
    const read = client.read({ start: EARLIEST });
    await read.when((all) => offsetsOf(all).length > 0);
    await server.drain();
    const responses = await read.toEnd();
    const got = offsetsOf(responses);
    const { cursor } = messagesOf(responses, 'end')[0]!;

    const again = await TestServer.start({ store: `lmdb:${directory}` });
    const start = { $case: 'after', value: cursor } as const;
    const rest = await again.client().read({ start, stopWhenCaughtUp: true }).toEnd();
    await again.stop();
    expect([...got, ...offsetsOf(rest)]).to.deep.equal(range(1, 1200));
  });

  it('answers every publish in flight, and has stored the acknowledged ones', async () => {
    const client = server.client();
    await client.describe();
    const answers: Promise<number | undefined>[] = [];
    const send = (n: number): void => {
      const answer = client.forward(exitEnvelope(n)).then(
        () => n,
        (error: unknown) => {
          expect((error as ServiceError).code).to.equal(UNAVAILABLE);
          return undefined;
        },
      );
      answers.push(answer);
    };
    for (let n = 1; n <= 200; n++) send(n);
    await answers[0];
    for (let n = 201; n <= 400; n++) send(n);
    await server.drain();
    const accepted = (await Promise.all(answers)).filter((n) => n !== undefined);
    expect(accepted.length).to.be.at.least(1);

    const again = await TestServer.start({ store: `lmdb:${directory}` });
    const all = await again.client().read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    await again.stop();
    expect(entriesOf(all).map(numberOf)).to.have.members(accepted);
  });

  it('refuses new calls as unavailable, on old connections and new ones', async () => {
    const connected = server.client();
    await connected.describe();
    const connection = new RawConnection(server.address);
    const stuck = connection.call(SUBSCRIBE, new Uint8Array());
    await new Promise((resolve) => stuck.once('response', resolve));
    const drained = server.drain();
    await expectRefusal(connected.publish('/t', undefined), UNAVAILABLE);
    await expectRefusal(server.client().publish('/t', undefined), UNAVAILABLE);
    await expectRefusal(connected.read().toEnd().catch(asServiceError), UNAVAILABLE);
    connection.kill();
    await drained;
  });

  it('disconnects readers that do not read or stop, when its time is up', async () => {
    await shortenDrain();
    const topic = `/${'x'.repeat(50)}`.repeat(100);
    const connection = new RawConnection(server.address);
    const stuck = connection.call(SUBSCRIBE, new Uint8Array());
    await new Promise((resolve) => stuck.once('response', resolve));
    await forwardAll(
      server.client(),
      range(1, 500).map((n) => exitEnvelope(n, { topic })),
    );
    const watch = watchHealth(server.address);
    await watch.when(({ length }) => length === 1);
    const cut = [closed(stuck), watch.status];
    const began = Date.now();
    await server.drain();
    expectShortDrain(Date.now() - began);
    await Promise.all(cut);
    connection.kill();
  });

  it('disconnects a client that stands still', async () => {
    await shortenDrain();
    const socket = connect({ path: server.socketPath, allowHalfOpen: true });
    socket.on('error', () => {});
    // The client's preface and empty settings. It answers the server's settings with nothing.
    socket.write(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0`);
    await once(socket, 'data');
    socket.pause();
    const began = Date.now();
    await server.drain();
    expectShortDrain(Date.now() - began);
    socket.destroy();
  });
});

function closed(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

/** The probe's error, with the code from its text. */
function asServiceError(error: unknown): never {
  const { message } = error as Error;
  const code = Number(/ended with (\d+)/.exec(message)?.[1]);
  throw Object.assign(new Error(message), { code, details: message });
}
