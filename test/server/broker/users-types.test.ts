import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BROKER } from '../../../server/access/caller.js';
import { systemClock } from '../../../protocol/clock.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { Broker } from '../../../server/broker/broker.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import type { EventStore } from '../../../server/history/store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { hookReads } from '../../support/read-hooks.js';

/** Every tenth is of container c3. */
const EXITS = 200;

describe('a filter by container, with payload types of users', () => {
  let directory: string;
  let store: EventStore;
  let broker: Broker;
  let entriesRead: number;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-users-types-'));
    store = await openStore('memory:', systemClock);
    entriesRead = 0;
  });
  afterEach(async () => {
    broker.close();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  /** A broker that knows a user's type with this field. */
  async function startBroker(field: string): Promise<void> {
    const proto = `syntax = "proto3"; package user; message Backup { ${field} }`;
    writeFileSync(join(directory, 'backup.proto'), proto);
    const types = PayloadTypes.load([directory]);
    const counted = hookReads(store, { after: ({ length }) => void (entriesRead += length) });
    broker = await Broker.start(counted, types, systemClock);
    const value = types.find('user.Backup')!.encode({ [field.split(' ')[1]!]: 'c3' });
    await appendAll(store, [
      ...range(1, EXITS).map((n) => exitEnvelope(n)),
      exitEnvelope(0, { topic: '/user/backup', event: { typeUrl: 'user.Backup', value } }),
    ]);
  }

  /** The topics of the events that pass. */
  async function read(filter: string): Promise<string[]> {
    const subscription = await broker.subscribe(BROKER, {
      filter: parseFilters([filter]),
      scope: undefined,
      start: { kind: 'earliest' },
      until: undefined,
      stopWhenCaughtUp: true,
      limit: Infinity,
      onGap: 'fail',
    });
    const topics: string[] = [];
    for await (const message of subscription) {
      if (message.kind !== 'entries') continue;
      topics.push(...message.entries.map((view) => view.field(['topic'])!));
    }
    return topics;
  }

  it('uses the index when none of them has a container_id', async () => {
    await startBroker('string volume = 1;');
    expect(await read('event.container_id==c3')).to.have.lengthOf(EXITS / 10);
    expect(entriesRead).to.be.below(EXITS / 2);
    expect(await read('event.volume==c3')).to.deep.equal(['/user/backup']);
  });

  it('finds the events of a type that has one', async () => {
    await startBroker('string container_id = 1;');
    const topics = await read('event.container_id==c3');
    expect(topics).to.have.lengthOf(EXITS / 10 + 1);
    expect(topics.at(-1)).to.equal('/user/backup');
  });
});
