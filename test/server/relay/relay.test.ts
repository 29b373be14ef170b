import { join } from 'node:path';
import { expect } from 'chai';
import { ForwardRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import { RelayQueue } from '../../../server/relay/relay-queue.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { forward, RawTtrpc } from '../../support/raw-ttrpc.js';
import { storedNumbers } from '../../support/stored-numbers.js';
import { TestServer } from '../../support/test-server.js';

describe('the relay', () => {
  /** Plays containerd: its ttrpc and its subscribers are what the relay is for. */
  let containerd: TestServer;
  let broker: TestServer;
  let shim: RawTtrpc;
  let socketPath: string;
  let sent: number;

  async function startBroker(withinMs = 60_000): Promise<void> {
    const directory = join(containerd.directory, 'queue');
    broker = await TestServer.start({ relay: { socketPath, withinMs, directory } });
    shim = await RawTtrpc.open(broker.ttrpcSocket);
  }

  async function stopBroker(): Promise<void> {
    shim.socket.destroy();
    await broker.stop();
  }

  async function send(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, () => ++sent);
    shim.send(...numbers.map((n) => forward(2 * n - 1, exitEnvelope(n))));
    const answers = await shim.answers(count);
    expect(answers.map(({ code }) => code)).to.deep.equal(numbers.map(() => 0));
  }

  async function relayed(count: number): Promise<number[]> {
    await eventually(async () => (await storedNumbers(containerd)).length >= count);
    return storedNumbers(containerd);
  }

  const upTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1);

  beforeEach(async () => {
    sent = 0;
    containerd = await TestServer.start();
    socketPath = containerd.ttrpcSocket;
    await startBroker();
  });

  afterEach(async () => {
    await stopBroker();
    await containerd.stop();
  });

  it('passes events on in their order', async () => {
    await send(300);
    expect(await relayed(300)).to.deep.equal(upTo(300));
  });

  it('passes nothing on that was refused here', async () => {
    shim.send(forward(1, exitEnvelope(1, { topic: 'bad' })));
    expect((await shim.answers(1))[0]!.code).to.equal(3);
    await send(1);
    expect(await relayed(1)).to.deep.equal([1]);
  });

  it('answers shims while containerd is away, and passes the events on when it is back', async () => {
    await send(1);
    await relayed(1);
    await containerd.drain();
    await send(20);
    const ttrpc = [`unix://${socketPath}`];
    const back = await TestServer.start({ ttrpc });
    await eventually(async () => (await storedNumbers(back)).length >= 20);
    expect(await storedNumbers(back)).to.deep.equal(upTo(21).slice(1));
    await back.stop();
  });

  it('passes on what waited when the broker stopped', async () => {
    await containerd.drain();
    await send(5);
    await stopBroker();
    const back = await TestServer.start({ ttrpc: [`unix://${socketPath}`] });
    await startBroker();
    await eventually(async () => (await storedNumbers(back)).length >= 5);
    expect(await storedNumbers(back)).to.deep.equal(upTo(5));
    await back.stop();
  });

  it('drops what has become too old for containerd', async () => {
    await stopBroker();
    await containerd.drain();
    await startBroker(200);
    await send(5);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const back = await TestServer.start({ ttrpc: [`unix://${socketPath}`] });
    await send(1);
    await eventually(async () => (await storedNumbers(back)).length > 0);
    expect(await storedNumbers(back)).to.deep.equal([6]);
    await back.stop();
  });

  it('goes on after an event that containerd refuses', async () => {
    await stopBroker();
    const queue = await RelayQueue.open(join(containerd.directory, 'queue'));
    const refused = ForwardRequest.encode({ envelope: exitEnvelope(1, { topic: 'bad' }) }).finish();
    await queue.add(Date.now(), [Buffer.from(refused)]);
    await queue.close();
    await startBroker();
    await send(2);
    expect(await relayed(2)).to.deep.equal([1, 2]);
  });
});
