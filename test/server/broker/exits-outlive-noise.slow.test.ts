import { expect } from 'chai';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { TaskExit } from '../../../protos/gen/containerd/events/task.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { entriesOf } from '../../support/responses.js';
import { Container, envelopeOf } from '../../support/task-events.js';

const CONTAINERS = 100;
const PROBES = 100;
const BUDGET = { bytes: 100_000 };

/** A container that ends while another one is probed for its health again and again. */
function chapter(n: number): Envelope[] {
  const ending = new Container(`c${n}`);
  const probed = new Container(`busy${n % 3}`);
  const probes = range(1, PROBES).flatMap((probe) => [
    probed.execAdded(`probe${n}-${probe}`),
    probed.execStarted(`probe${n}-${probe}`, probe),
  ]);
  const happenings = [ending.create(n), ending.start(n), ...probes, ending.exit(n, n % 256)];
  return happenings.map((each) => envelopeOf(each));
}

for (const kind of STORE_KINDS) {
  it(`retention of other entries does not remove exits, in a ${kind} store`, async () => {
    const server = await BrokerOverStore.start(kind);
    const client = server.client();
    for (const n of range(1, CONTAINERS)) {
      await appendAll(server.store, chapter(n));
      if (n % 10 === 0) await server.trim(BUDGET);
    }
    await appendAll(server.store, chapter(0).slice(0, -1));
    await server.trim(BUDGET);

    const described = await client.describe();
    expect(described.entryBytes <= BigInt(BUDGET.bytes)).to.equal(true);
    expect(Number(described.trimmedCount)).to.be.above(CONTAINERS * PROBES);

    for (const n of range(1, CONTAINERS)) {
      const container = { namespace: 'default', containerId: `c${n}` };
      expect((await client.wait({ container })).exitStatus).to.equal(n % 256);
    }
    const filters = ['topic=="/tasks/exit"'];
    const start = { $case: 'earliest', value: {} } as const;
    const all = await client.read({ filters, start, stopWhenCaughtUp: true }).toEnd();
    const pids = entriesOf(all).map(({ event }) => TaskExit.decode(event!.value).pid);
    expect(pids).to.deep.equal(range(1, CONTAINERS));
    await server.stop();
  });
}
