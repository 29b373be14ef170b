import { expect } from 'chai';
import type { NewEvent } from '../../../../protos/gen/foghorn/v1/history.js';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { parseCursor } from '../../../../server/events/cursor.js';
import {
  appended,
  forwarding,
  publishing,
  type AppendProbe,
} from '../../../support/append-probe.js';
import { BrokerOverStore, STORE_KINDS } from '../../../support/broker-over-store.js';
import { exitEnvelope, exitEvent, numberOf } from '../../../support/envelopes.js';
import { range } from '../../../support/history-seed.js';
import { entriesOf } from '../../../support/responses.js';
import type { TestClient } from '../../../support/test-client.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;

function forwards(first: number, last: number): NewEvent[] {
  return range(first, last).map((n) => forwarding(exitEnvelope(n)));
}

for (const kind of STORE_KINDS) {
  describe(`append, over a ${kind} store`, () => {
    let server: BrokerOverStore;
    let client: TestClient;
    let append: AppendProbe;

    beforeEach(async () => {
      server = await BrokerOverStore.start(kind);
      client = server.client();
      append = client.append();
    });
    afterEach(() => server.stop());

    async function history(): Promise<Envelope[]> {
      return entriesOf(await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd());
    }

    it('stores 1,000 events of one message in sequence, with a cursor for each', async () => {
      append.send(forwards(1, 1000));
      const [results] = await append.answers(1);
      const cursors = results!.map((each) => appended(each).cursor);
      expect(cursors.map((cursor) => parseCursor(cursor).offset)).to.deep.equal(range(1, 1000));
      const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      expect(entriesOf(all).map(({ cursor }) => cursor)).to.deep.equal(cursors);
      expect(entriesOf(all).map(numberOf)).to.deep.equal(range(1, 1000));
    });

    // The embedded store's segments of its log take 8,192 entries.
    it('stores one message of more events than a segment of the log takes', async () => {
      append.send(forwards(1, 9000));
      const [results] = await append.answers(1);
      const offsets = results!.map((each) => parseCursor(appended(each).cursor).offset);
      expect(offsets).to.deep.equal(range(1, 9000));
      expect((await history()).map(numberOf)).to.deep.equal(range(1, 9000));
    }).timeout(60_000);

    it('answers concurrent messages in order', async () => {
      for (const n of range(0, 299)) append.send(forwards(n * 10 + 1, n * 10 + 10));
      append.end();
      await append.toEnd();
      const results = (await append.answers(300)).flat();
      const offsets = results.map((each) => parseCursor(appended(each).cursor).offset);
      expect(offsets).to.deep.equal(range(1, 3000));
      expect((await history()).map(numberOf)).to.deep.equal(range(1, 3000));
    });

    it('accepts publications and forwards in one message', async () => {
      const inHeader = client.append({ 'containerd-namespace': 'from-header' });
      inHeader.send([
        publishing({ topic: '/a', event: exitEvent(1) }),
        forwarding(exitEnvelope(2, { namespace: 'its-own' })),
        publishing({ topic: '/c', namespace: 'named' }),
      ]);
      const [results] = await inHeader.answers(1);
      expect(results!.map((each) => parseCursor(appended(each).cursor).offset)).to.deep.equal([
        1, 2, 3,
      ]);
      const [first, second, third] = await history();
      expect(first).to.include({ namespace: 'from-header', topic: '/a' });
      expect(second).to.deep.include({ ...exitEnvelope(2), namespace: 'its-own' });
      expect(third).to.include({ namespace: 'named', topic: '/c', event: undefined });
      const stamp = Number(first!.timestamp!.seconds);
      expect(Math.abs(stamp - Date.now() / 1000)).to.be.below(60);
    });

    it('answers a message without events with no results', async () => {
      append.send([]);
      append.send(forwards(1, 1));
      const [none, one] = await append.answers(2);
      expect(none).to.deep.equal([]);
      expect(one).to.have.lengthOf(1);
    });
  });
}
