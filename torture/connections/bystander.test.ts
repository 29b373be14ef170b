import { once } from 'node:events';
import { expect } from 'chai';
import { Entry } from '../../protos/gen/foghorn/v1/history.js';
import { parseCursor } from '../../server/events/cursor.js';
import { exitEnvelope, numberOf } from '../../test/support/envelopes.js';
import { eventually } from '../../test/support/eventually.js';
import { range } from '../../test/support/history-seed.js';
import { RawConnection } from '../../test/support/raw-http2.js';
import { TestServer } from '../../test/support/test-server.js';

const EVENTS = 20_000;
const IN_FLIGHT = 50;
const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';

describe('a bystander', () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  /** Short-lived subscribers: half of them cancel, half lose their connection. */
  async function vanish(count: number): Promise<void> {
    const client = server.client();
    for (let i = 0; i < count; i++) {
      const filters = i % 4 < 2 ? [] : ['topic=="/tasks/exit"'];
      if (i % 2 === 0) {
        const stream = client.subscribe(filters);
        await stream.when(({ length }) => length > 0);
        stream.cancel();
      } else {
        const connection = new RawConnection(server.address);
        const stream = connection.call(SUBSCRIBE, new Uint8Array());
        await once(stream, 'data');
        connection.kill();
      }
    }
  }

  it('gets everything once and in order while 400 others disconnect', async () => {
    const bystander = server.client().subscribe();
    await bystander.headers;
    const publisher = server.client();
    let next = 0;
    const publish = async (): Promise<void> => {
      while (next < EVENTS) await publisher.forward(exitEnvelope(++next));
    };
    const publishers = Array.from({ length: IN_FLIGHT }, publish);
    const vanishing = Array.from({ length: 20 }, () => vanish(20));
    await Promise.all([...publishers, ...vanishing]);

    const events = await bystander.when(({ length }) => length >= EVENTS);
    const entries = events.map((bytes) => Entry.decode(bytes));
    const offsets = entries.map(({ cursor }) => parseCursor(cursor).offset);
    expect(offsets).to.deep.equal(range(1, EVENTS));
    const numbers = entries.map(numberOf);
    expect(numbers.toSorted((a, b) => a - b)).to.deep.equal(range(1, EVENTS));
    bystander.cancel();
    await eventually(async () => (await publisher.describe()).subscriptionCount === 0);
  }).timeout(60_000);
});
