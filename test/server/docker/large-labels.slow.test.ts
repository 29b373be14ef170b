import { expect } from 'chai';
import { pino } from 'pino';
import { BROKER } from '../../../server/access/caller.js';
import { DockerEvents } from '../../../server/docker/docker-events.js';
import { parseEventFilters } from '../../../server/docker/event-filters.js';
import { fromNowOn } from '../../../server/docker/from-now-on.js';
import { BrokerOverStore } from '../../support/broker-over-store.js';
import { heapInUse } from '../../support/heap.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { Container, envelopeOf } from '../../support/task-events.js';

const LABEL_BYTES = 1024 * 1024;

describe('what is kept of containers with large labels', () => {
  it('is bounded by bytes', async function () {
    this.timeout(60_000);
    const server = await BrokerOverStore.start('lmdb');
    const events = new DockerEvents(server.broker, 'default', pino({ level: 'silent' }));
    const live = await server.broker.openView(
      BROKER,
      events,
      fromNowOn(parseEventFilters(undefined)),
    );
    const show = async (first: number, last: number): Promise<void> => {
      for (const n of range(first, last)) {
        const container = new Container(`c${n}`);
        const labels = new Map([['l', 'x'.repeat(LABEL_BYTES)]]);
        const both = [container.changed(labels), container.oom()].map((each) => envelopeOf(each));
        await appendAll(server.store, both);
        while (live.take() !== undefined);
        await new Promise(setImmediate);
      }
      while (live.take() !== undefined);
    };
    // More than is kept.
    await show(1, 110);
    const before = await heapInUse();
    await show(111, 160);
    const grown = (await heapInUse()) - before;
    live.close();
    await server.stop();
    expect(grown).to.be.below(20 * LABEL_BYTES);
  });
});
