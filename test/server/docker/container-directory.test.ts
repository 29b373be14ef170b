import { expect } from 'chai';
import { pino } from 'pino';
import { systemClock } from '../../../protocol/clock.js';
import { ContainerDirectory } from '../../../server/docker/container-directory.js';
import { DockerEvents } from '../../../server/docker/docker-events.js';
import { OpenWaits } from '../../../server/runs/open-waits.js';
import { Recorders } from '../../../server/recorders/recorders.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { hookReads } from '../../support/read-hooks.js';
import { Container, envelopeOf, report } from '../../support/task-events.js';

const CONTAINERS = 500;

for (const kind of STORE_KINDS) {
  describe(`the directory of containers, over a ${kind} store`, () => {
    let server: BrokerOverStore;
    let directory: ContainerDirectory;
    /** Entries that were read from the store. */
    let read = 0;

    beforeEach(async () => {
      const wrap = (store: BrokerOverStore['store']): BrokerOverStore['store'] =>
        hookReads(store, { after: ({ length }) => (read += length) });
      server = await BrokerOverStore.start(kind, { wrap });
      const { broker } = server;
      const made = range(1, CONTAINERS).map((n) => envelopeOf(new Container(`c${n}`).made()));
      await appendAll(server.store, made);
      const log = pino({ level: 'silent' });
      directory = await ContainerDirectory.open({
        broker,
        recorders: new Recorders(100),
        waits: new OpenWaits(),
        events: new DockerEvents(broker, 'default', log),
        namespace: 'default',
        clock: systemClock,
        log,
      });
    });
    afterEach(async () => {
      directory.pause();
      await server.stop();
    });

    it('reads only what has happened since when it is used again after a pause', async () => {
      await directory.catchUp();
      directory.pause();
      await report(server.client(), new Container('new').made(), new Container('c500').removed());
      read = 0;
      await directory.catchUp();
      expect(directory.isCut).to.equal(false);
      expect(directory.find('new')).to.equal('new');
      expect(directory.newestFirst()).to.have.length(CONTAINERS);
      expect(directory.find('c500')).to.equal('c500');
      expect(read).to.be.below(20);
      await report(server.client(), new Container('newer').made());
      await directory.catchUp();
      expect(directory.find('newer')).to.equal('newer');
    });

    it('has to be opened anew when retention has overtaken it during a pause', async () => {
      directory.pause();
      await report(server.client(), new Container('new').made());
      await server.trim({ entries: 1, lastingAge: 0n });
      await directory.catchUp();
      expect(directory.isCut).to.equal(false);
      directory.pause();
      await report(server.client(), new Container('n1').made(), new Container('n2').made());
      await server.trim({ entries: 1, lastingAge: 0n });
      await directory.catchUp();
      expect(directory.isCut).to.equal(true);
    });
  });
}
