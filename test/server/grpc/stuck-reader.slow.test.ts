import { once } from 'node:events';
import { expect } from 'chai';
import { Entry } from '../../../protos/gen/foghorn/v1/history.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { BROKER } from '../../../server/access/caller.js';
import { acceptForward } from '../../../server/broker/accept.js';
import { parseCursor } from '../../../server/events/cursor.js';
import { BrokerOverStore } from '../../support/broker-over-store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { range } from '../../support/history-seed.js';
import { heapInUse } from '../../support/heap.js';
import { FrameReader, RawConnection } from '../../support/raw-http2.js';
import type { TestClient } from '../../support/test-client.js';
import { requestedEnvelopeIn } from '../../support/requested-envelope.js';

const EVENTS = 100_000;
const BATCH = 1000;
const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';

/** Uses a server's parts, so that its store fills as fast as with a hundred publishers. */
describe('a reader that never reads', () => {
  let server: BrokerOverStore;
  let client: TestClient;

  before(async () => {
    server = await BrokerOverStore.start('lmdb');
    client = server.client();
  });
  after(() => server.stop());

  async function append(first: number, last: number): Promise<void> {
    for (let at = first; at <= last; at += BATCH) {
      const envelopes = range(at, at + BATCH - 1).map((n) => {
        const bytes = Envelope.encode(exitEnvelope(n)).finish();
        return acceptForward(BROKER, requestedEnvelopeIn(bytes));
      });
      await server.store.append(envelopes);
    }
  }

  it('takes little memory, and gets everything once it reads', async () => {
    const connection = new RawConnection(server.address);
    const stuck = connection.call(SUBSCRIBE, new Uint8Array());
    await once(stuck, 'response');
    const bystander = client.subscribe(['topic=="/last"']);
    await bystander.headers;
    await append(1, 10_000);
    const before = await heapInUse();
    await append(10_001, EVENTS);
    await client.publish('/last', undefined);
    // Other readers are far ahead of the stuck one.
    await bystander.when(({ length }) => length === 1);
    bystander.cancel();
    expect((await heapInUse()) - before).to.be.below(8 * 1024 * 1024);

    const frames = new FrameReader();
    const offsets: number[] = [];
    for await (const chunk of stuck) {
      for (const message of frames.push(chunk as Buffer)) {
        offsets.push(parseCursor(Entry.decode(message).cursor).offset);
      }
      if (offsets.length > EVENTS) break;
    }
    expect(offsets).to.deep.equal(range(1, EVENTS + 1));
    connection.kill();
  }).timeout(60_000);
});
