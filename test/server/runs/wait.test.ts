import { expect } from 'chai';
import type { WaitRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { isPending } from '../../support/pending.js';
import { entriesOf } from '../../support/responses.js';
import { Container, report } from '../../support/task-events.js';
import type { TestClient } from '../../support/test-client.js';

type Condition = WaitRequest['condition'];

const EARLIEST = { $case: 'earliest', value: {} } as const;
const NOT_RUNNING: Condition = { $case: 'notRunning', value: {} };

function pid(value: number): Condition {
  return { $case: 'pid', value };
}

function nextExit(after = ''): Condition {
  return { $case: 'nextExit', value: { after } };
}

for (const kind of STORE_KINDS) {
  describe(`wait, over a ${kind} store`, () => {
    let server: BrokerOverStore;
    let client: TestClient;
    const c = new Container('c1');

    beforeEach(async () => {
      server = await BrokerOverStore.start(kind);
      client = server.client();
    });
    afterEach(() => server.stop());

    function wait(condition?: Condition, execId = '') {
      return client.wait({
        container: { namespace: 'default', containerId: 'c1' },
        condition,
        execId,
      });
    }

    async function statusOf(condition?: Condition, execId?: string): Promise<number> {
      return (await wait(condition, execId)).exitStatus;
    }

    async function cursors(): Promise<string[]> {
      const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      return entriesOf(all).map(({ cursor }) => cursor);
    }

    async function expectPending(...calls: Promise<unknown>[]): Promise<void> {
      for (const call of calls) expect(await isPending(call, client)).to.equal(true);
    }

    it('is answered at once from history, with all details of the exit', async () => {
      await report(client, c.create(10), c.start(10), c.exit(10, 42, { exitedAt: 77 }));
      const all = await cursors();
      expect(await wait()).to.deep.equal({
        exitStatus: 42,
        exitedAt: { seconds: 77n, nanos: 0 },
        cursor: all[2],
        pid: 10,
      });
    });

    it('is answered when the exit happens, and not before', async () => {
      await report(client, c.create(10), c.start(10));
      const waits = [wait(), wait(NOT_RUNNING), wait(nextExit()), wait(pid(10))];
      await expectPending(...waits);
      await report(client, new Container('c2').exit(10, 1), c.exit(11, 2, { id: 'e1' }));
      await expectPending(...waits);
      await report(client, c.exit(10, 42));
      for (const { exitStatus } of await Promise.all(waits)) expect(exitStatus).to.equal(42);
    });

    it('for an unknown container is answered when that has come and gone', async () => {
      const waits = [wait(), wait(nextExit()), wait(pid(10))];
      await expectPending(...waits);
      await report(client, c.create(10));
      await expectPending(...waits);
      await report(client, c.start(10));
      await expectPending(...waits);
      await report(client, c.exit(10, 42));
      for (const { exitStatus } of await Promise.all(waits)) expect(exitStatus).to.equal(42);
    });

    it('concerns one namespace', async () => {
      await client.forward({
        timestamp: { seconds: 1n, nanos: 0 },
        namespace: 'other',
        ...c.exit(10, 3),
      });
      await expectPending(wait());
    });

    it('distinguishes two runs: by pid the first, not running the newest, next after a cursor', async () => {
      await report(client, c.create(10), c.start(10), c.exit(10, 42), c.delete(10, 42));
      await report(client, c.create(20), c.start(20), c.exit(20, 0), c.delete(20, 0));
      expect(await statusOf(pid(10))).to.equal(42);
      expect(await statusOf(pid(20))).to.equal(0);
      expect(await statusOf(NOT_RUNNING)).to.equal(0);
      const all = await cursors();
      const next = await Promise.all(all.slice(0, 6).map((after) => statusOf(nextExit(after))));
      expect(next).to.deep.equal([42, 42, 0, 0, 0, 0]);
      const none = all.slice(6).map((after) => wait(nextExit(after)));
      await expectPending(...none, wait(nextExit()));
      await report(client, c.create(30), c.start(30), c.exit(30, 7));
      for (const { exitStatus } of await Promise.all(none)) expect(exitStatus).to.equal(7);
    });

    it('for the container not running waits for the current run', async () => {
      await report(client, c.create(10), c.start(10), c.exit(10, 42), c.create(20), c.start(20));
      const notRunning = wait();
      await expectPending(notRunning);
      expect(await statusOf(pid(10))).to.equal(42);
      await report(client, c.exit(10, 137), c.exit(0, 255, { id: 'e1' }));
      await expectPending(notRunning);
      await report(client, c.exit(20, 5));
      expect((await notRunning).exitStatus).to.equal(5);
      expect(await statusOf(pid(10))).to.equal(42);
    });

    it('takes the deletion of a task for its exit if that was never reported', async () => {
      await report(client, c.create(10), c.start(10), c.delete(10, 42), c.removed());
      expect(await statusOf()).to.equal(42);
    });

    it('takes the first exit, whatever a clean-up reports later', async () => {
      await report(
        client,
        c.create(10),
        c.start(10),
        c.exit(10, 42),
        c.exit(10, 137),
        c.exit(0, 255),
      );
      for (const condition of [NOT_RUNNING, pid(10)]) {
        expect(await statusOf(condition)).to.equal(42);
      }
      const [, , exited] = await cursors();
      await expectPending(wait(nextExit(exited)));
    });

    it('for an exec concerns that exec', async () => {
      await report(client, c.create(10), c.start(10), c.execAdded('e1'), c.execAdded('e2'));
      await report(client, c.execStarted('e1', 11), c.execStarted('e2', 12));
      const waits = [wait(undefined, 'e1'), wait(pid(11), 'e1'), wait(nextExit(), 'e1')];
      await report(client, c.exit(12, 2, { id: 'e2' }), c.exit(10, 42));
      await expectPending(...waits);
      await report(client, c.exit(11, 1, { id: 'e1' }));
      for (const { exitStatus } of await Promise.all(waits)) expect(exitStatus).to.equal(1);
      expect(await statusOf(undefined, 'e2')).to.equal(2);
      expect(await statusOf(undefined, 'c1'), 'named as the container').to.equal(42);
      await expectPending(wait(pid(10), 'e1'));
    });

    it('never answers without an exit', async () => {
      await report(client, c.create(10));
      await expectPending(wait(), wait(pid(10)), wait(pid(99)));
      await report(client, c.start(10), c.execAdded('e1'), c.execStarted('e1', 11));
      await expectPending(wait(), wait(pid(10)), wait(undefined, 'e1'), wait(undefined, 'e2'));
    });

    it('answers 1,000 waits for the same exit equally', async () => {
      await report(client, c.create(10), c.start(10));
      const waits = Array.from({ length: 1000 }, () => wait());
      await expectPending(waits[999]!);
      await report(client, c.exit(10, 42));
      const all = await Promise.all(waits);
      expect(new Set(all.map(({ exitStatus }) => exitStatus))).to.deep.equal(new Set([42]));
    });
  });
}
