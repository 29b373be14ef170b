import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { connect } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { historyOf, numberedEvent, numbersByPublisher } from '../../test/client/numbered-events.js';
import { exitEnvelope } from '../../test/support/envelopes.js';
import { range } from '../../test/support/history-seed.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';

const TOPIC = '/tasks/exit';

describe('publishing to a broker that is killed', function () {
  this.timeout(120_000);

  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  it('loses, duplicates and reorders nothing, and fails no call', async () => {
    const broker = await BrokerProcess.create(cleanup);
    await broker.start();
    const client = connect({ address: broker.address });
    cleanup.defer(() => client.close());
    const stop = new AbortController();
    cleanup.defer(() => {
      stop.abort();
    });
    const publishing = Promise.all(
      range(1, 4).map((n) => publishUntil(client, `p${n}`, n * 10, stop.signal)),
    );
    publishing.catch(() => {});
    for (let kill = 0; kill < 5; kill++) {
      await delay(100 + Math.random() * 400);
      await broker.end('SIGKILL');
      await broker.start();
    }
    stop.abort();
    const counts = await publishing;
    const numbers = numbersByPublisher(await historyOf(broker.address));
    counts.forEach((count, index) => {
      expect(numbers.get(`p${index + 1}`)).to.deep.equal(range(0, count - 1));
    });
  });
});

/** Publishes this many events at a time, every other one as a forward; returns their number. */
async function publishUntil(
  client: Client,
  name: string,
  atOnce: number,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    const numbers = range(count, count + atOnce - 1);
    count += atOnce;
    await Promise.all(
      numbers.map((n) => {
        const event = numberedEvent(name, n);
        return n % 2 === 0
          ? client.publish({ topic: TOPIC, event }, { timeout: 30_000 })
          : client.forward(exitEnvelope(n, { event }), { timeout: 30_000 });
      }),
    );
  }
  return count;
}
