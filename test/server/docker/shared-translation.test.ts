import { expect } from 'chai';
import { pino } from 'pino';
import { BROKER } from '../../../server/access/caller.js';
import { DockerEvents } from '../../../server/docker/docker-events.js';
import { parseEventFilters } from '../../../server/docker/event-filters.js';
import { fromNowOn } from '../../../server/docker/from-now-on.js';
import { ShownEvent } from '../../../server/docker/shown-event.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { hookReads } from '../../support/read-hooks.js';
import { Container, envelopeOf } from '../../support/task-events.js';

const CONTAINERS = 300;

for (const kind of STORE_KINDS) {
  describe(`what Docker clients share, over a ${kind} store`, () => {
    let server: BrokerOverStore;
    let events: DockerEvents;
    /** Reads of single containers. */
    let derived = 0;

    beforeEach(async () => {
      const wrap = (store: BrokerOverStore['store']): BrokerOverStore['store'] =>
        hookReads(store, {
          before: (_after, _limit, key) => {
            if (key?.includes('\0c')) derived += 1;
          },
        });
      server = await BrokerOverStore.start(kind, { wrap });
      events = new DockerEvents(server.broker, 'default', pino({ level: 'silent' }));
    });
    afterEach(() => server.stop());

    /** Reads the past, and returns the actions of what is shown. */
    async function past(filters = ''): Promise<string[]> {
      const subscription = await server.broker.openView(BROKER, events, {
        ...fromNowOn(parseEventFilters(filters || undefined)),
        start: { kind: 'earliest' },
        stopWhenCaughtUp: true,
      });
      const actions: string[] = [];
      for await (const message of subscription) {
        if (message.kind !== 'entries') continue;
        for (const view of message.entries) {
          if (view instanceof ShownEvent) actions.push(view.fields.action);
        }
      }
      return actions;
    }

    const oneEventEach = (): Promise<unknown> =>
      appendAll(
        server.store,
        range(1, CONTAINERS).map((n) => envelopeOf(new Container(`c${n}`).oom())),
      );

    it('derives an event of the past once for all of them', async () => {
      await oneEventEach();
      expect(await past()).to.have.length(CONTAINERS);
      expect(derived).to.be.at.least(CONTAINERS);
      derived = 0;
      expect(await past()).to.deep.equal(range(1, CONTAINERS).map(() => 'oom'));
      expect(derived).to.equal(0);
    });

    it('derives no container for events that a filter leaves out or that show nothing', async () => {
      await oneEventEach();
      const changed = range(1, CONTAINERS).map((n) => envelopeOf(new Container(`c${n}`).create(n)));
      await appendAll(server.store, changed);
      derived = 0;
      expect(await past('{"event":["die"]}')).to.deep.equal([]);
      expect(await past('{"type":["image"]}')).to.deep.equal([]);
      expect(derived).to.equal(0);
    });
  });
}
