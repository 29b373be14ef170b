import { expect } from 'chai';
import { CursorWriter, parseCursor } from '../../../server/events/cursor.js';
import { BrokerOverStore } from '../../support/broker-over-store.js';
import { isPending } from '../../support/pending.js';
import { expectRefusal } from '../../support/refusal.js';
import { Container, report } from '../../support/task-events.js';
import type { TestClient } from '../../support/test-client.js';

const container = { namespace: 'default', containerId: 'c1' };

describe('a wait without an answer', () => {
  let server: BrokerOverStore;
  let client: TestClient;
  const c = new Container('c1');

  beforeEach(async () => {
    server = await BrokerOverStore.start('memory');
    client = server.client();
  });
  afterEach(() => server.stop());

  function nextExit(after: string) {
    return client.wait({ container, condition: { $case: 'nextExit', value: { after } } });
  }

  it('ends with NOT_FOUND if the container was deleted and its end was not reported', async () => {
    await report(client, c.create(10), c.start(10), c.execAdded('e1'), c.execStarted('e1', 11));
    const waits = [
      client.wait({ container }),
      client.wait({ container, condition: { $case: 'pid', value: 10 } }),
      client.wait({ container, execId: 'e1' }),
    ];
    for (const each of waits) expect(await isPending(each, client)).to.equal(true);
    await report(client, c.removed());
    const text =
      'container c1 of namespace default was deleted, and how it ended was never reported';
    for (const each of waits) await expectRefusal(each, 5, text);
    await expectRefusal(client.wait({ container }), 5, text);
    // The exit arrives after all.
    await report(client, c.exit(10, 42));
    expect((await client.wait({ container })).exitStatus).to.equal(42);
  });

  it('ends with ABORTED if the task was deleted and containerd does not know an end', async () => {
    const wait = client.wait({ container });
    await report(client, c.create(10));
    expect(await isPending(wait, client)).to.equal(true);
    await report(client, c.delete(10, 0, { exitedAt: -62_135_596_800 }));
    await expectRefusal(wait, 10);
    await expectRefusal(client.wait({ container }), 10);
  });

  it('continues if an earlier run was deleted without an exit and a new one exists', async () => {
    await report(client, c.create(10), c.start(10), c.removed(), c.create(20), c.start(20));
    const wait = client.wait({ container });
    expect(await isPending(wait, client)).to.equal(true);
    await report(client, c.exit(20, 3));
    expect((await wait).exitStatus).to.equal(3);
    await expectRefusal(client.wait({ container, condition: { $case: 'pid', value: 10 } }), 5);
  });

  it('ends with DEADLINE_EXCEEDED, and with UNAVAILABLE when the broker drains', async () => {
    const deadline = new Date(Date.now() + 100);
    await expectRefusal(client.wait({ container }, { deadline }), 4);
    const waits = [client.wait({ container }), client.wait({ container, execId: 'e1' })];
    for (const each of waits) expect(await isPending(each, client)).to.equal(true);
    const refused = waits.map((each) => expectRefusal(each, 14, 'the broker is shutting down'));
    await server.drain();
    await Promise.all(refused);
  });

  it('counts as no subscription', async () => {
    const wait = client.wait({ container });
    expect(await isPending(wait, client)).to.equal(true);
    expect((await client.describe()).subscriptionCount).to.equal(0);
    await report(client, c.exit(10, 1));
    await wait;
    expect((await client.describe()).subscriptionCount).to.equal(0);
  });

  it('is refused for an invalid cursor, and for one of another history or ahead of this one', async () => {
    await report(client, c.create(10), c.start(10), c.exit(10, 42));
    const { last, epoch } = await client.describe();
    const { offset, fingerprint } = parseCursor(last!.cursor);
    const own = new CursorWriter(epoch);
    for (const garbage of ['x', 'a'.repeat(26), `${last!.cursor}=`]) {
      expect(await expectRefusal(nextExit(garbage), 3)).to.contain('is not a cursor');
    }
    const foreign = new CursorWriter('0123456789abcdef').cursor(1, 0);
    expect(await expectRefusal(nextExit(foreign), 11)).to.contain('another history');
    const future = own.cursor(offset + 5, 7);
    expect(await expectRefusal(nextExit(future), 11)).to.contain(future);
    const altered = own.cursor(offset, (fingerprint ^ 1) >>> 0);
    await expectRefusal(nextExit(altered), 11);
  });

  const REFUSED = {
    'without a container': { container: undefined },
    'without an id': { container: { namespace: 'default', containerId: '' } },
    'without a namespace': { container: { namespace: '', containerId: 'c1' } },
    'with a NUL in the exec id': { container, execId: 'a\0b' },
    'with a long exec id': { container, execId: 'x'.repeat(256) },
    'for pid 0': { container, condition: { $case: 'pid', value: 0 } as const },
  };
  for (const [name, request] of Object.entries(REFUSED)) {
    it(`is refused ${name}`, async () => {
      expect(await expectRefusal(client.wait(request), 3)).to.match(/expected|must not be empty/);
    });
  }
});
