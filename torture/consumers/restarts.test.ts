import { expect } from 'chai';
import { connect, events, pack, type Client, type Delivery } from '../../client/index.js';
import { eventually } from '../../test/support/eventually.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';

const EVENTS = 100;
const KILLS = 3;
/** Far longer than the test: nothing may wait for it. */
const ACK_WAIT_MS = 600_000;

/** The number of the event in a delivery. */
function numberIn(delivery: Delivery): number {
  return events.TaskExit.decode(delivery.entry.event!.value).pid;
}

describe('a broker that is killed again and again, with a lease of a member that is gone', function () {
  this.timeout(120_000);
  const cleanup = new Cleanup();
  let broker: BrokerProcess;
  let client: Client;

  before(async () => {
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    client = connect({ address: broker.address });
    cleanup.defer(() => client.close());
    await client.consumers.create('a', { ackWait: ACK_WAIT_MS, maxInFlight: 8 });
    const pids = Array.from({ length: EVENTS }, (_, i) => i + 1);
    await Promise.all(
      pids.map((pid) => {
        const containerId = `c${pid}`;
        const event = pack(events.TaskExit, { containerId, id: containerId, pid, exitStatus: 1 });
        return client.publish({ topic: '/tasks/exit', event });
      }),
    );
  });

  after(() => cleanup.run());

  /** Leaves a member's deliveries with it, as if its process had been killed. */
  async function leaseToNobody(): Promise<number[]> {
    const lost = connect({ address: broker.address });
    const held: number[] = [];
    const over = new AbortController();
    const handled = lost.handle(
      'a',
      async (delivery) => {
        held.push(numberIn(delivery));
        await new Promise(() => undefined);
      },
      { concurrency: 2, prefetch: 2, signal: over.signal },
    );
    handled.catch(() => undefined);
    await eventually(() => held.length === 2);
    await broker.end('SIGKILL');
    await lost.close();
    return held;
  }

  it('delivers everything else, each event to one member at a time', async () => {
    const held = await leaseToNobody();
    await broker.start();
    const working = new Map<number, string>();
    const handled = new Set<number>();
    const faults: string[] = [];
    const over = new AbortController();
    const members = ['one', 'two'].map((member) =>
      client.handle(
        'a',
        async (delivery) => {
          const number = numberIn(delivery);
          const other = working.get(number);
          if (other !== undefined) faults.push(`${member} got ${number}, which ${other} has`);
          if (held.includes(number)) faults.push(`${member} got ${number}, whose lease lasts`);
          working.set(number, member);
          await new Promise((resolve) => setTimeout(resolve, 50));
          working.delete(number);
          handled.add(number);
        },
        { concurrency: 2, prefetch: 4, signal: over.signal },
      ),
    );
    for (let kill = 1; kill <= KILLS; kill++) {
      const before = handled.size;
      await eventually(() => handled.size > before || handled.size === EVENTS - held.length);
      await broker.end('SIGKILL');
      await broker.start();
    }
    await eventually(() => handled.size === EVENTS - held.length);
    const { heldBack, heldBackFor } = await client.consumers.get('a');
    over.abort();
    await Promise.all(members);
    expect(faults).deep.equal([]);
    expect(heldBack).equal(2n);
    expect(Number(heldBackFor!.seconds)).within(1, ACK_WAIT_MS / 1000);
  });
});
