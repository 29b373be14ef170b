import { expect } from 'chai';
import { connect, events, pack, type Client } from '../../../client/index.js';
import { ConsumerHolds } from '../../../server/consumers/holds.js';
import { eventually } from '../../support/eventually.js';
import { TestServer } from '../../support/test-server.js';

const RETENTION = {
  age: undefined,
  bytes: undefined,
  entries: 1,
  lastingAge: undefined,
  lastingBytes: undefined,
};
/** An entry of these tests has fewer bytes than this, with its overhead. */
const ENTRY_BYTES = 1000;

describe('a consumer that holds history', () => {
  let server: TestServer;
  let client: Client;

  async function start(retainHeld: number | undefined): Promise<void> {
    const options = { retention: RETENTION, retainHeld, logLevel: 'warn', http: ['127.0.0.1:0'] };
    server = await TestServer.start(options as never, { trimIntervalMs: 20 });
    client = connect({ address: server.address });
  }

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  async function publish(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const event = pack(events.TaskOOM, { containerId: `c${i}` });
      await client.publish({ topic: '/tasks/oom', event });
    }
  }

  async function kept(): Promise<number> {
    const { first, last } = await client.describe();
    return Number(last!.offset - first!.offset) + 1;
  }

  async function metric(name: string): Promise<number> {
    const answer = await fetch(`${server.http}/metrics`);
    const line = new RegExp(`^${name}\\{consumer="alert"\\} (.*)$`, 'm').exec(await answer.text());
    return Number(line?.[1]);
  }

  it('keeps what it has not handled, and no more once it has', async () => {
    await start(undefined);
    await publish(1);
    await client.consumers.create('alert', { hold: 100 * ENTRY_BYTES });
    await publish(10);
    // The event from before the consumer goes, which shows that retention has run.
    await eventually(async () => (await kept()) === 10);
    expect(await metric('foghorn_consumer_lag_entries')).equal(10);
    let handled = 0;
    for await (const delivery of client.consume('alert')) {
      await delivery.ack();
      if (++handled === 10) break;
    }
    await eventually(async () => (await kept()) === 1);
    const { gaps, holdExceeded } = await client.consumers.get('alert');
    expect([gaps, holdExceeded]).deep.equal([0n, false]);
    expect(await metric('foghorn_consumer_acknowledged_total')).equal(10);
  });

  it('says in the log, in its state and in a metric that its limit was exceeded', async () => {
    await start(undefined);
    await client.consumers.create('alert', { hold: 3 * ENTRY_BYTES });
    await publish(60);
    await eventually(async () => (await client.consumers.get('alert')).holdExceeded);
    await eventually(() =>
      server.logged.some((line) => line.includes('consumer alert: retention')),
    );
    expect(await metric('foghorn_consumer_hold_exceeded')).equal(1);
    const gaps: number[] = [];
    const over = new AbortController();
    const handled = client.handle('alert', () => Promise.resolve(), {
      signal: over.signal,
      onGap: ({ lostAtMost }) => gaps.push(Number(lostAtMost)),
    });
    await eventually(async () => (await client.consumers.get('alert')).lag === 0n);
    await eventually(async () => !(await client.consumers.get('alert')).holdExceeded);
    over.abort();
    await handled;
    const { lostAtMost, acknowledged } = await client.consumers.get('alert');
    // Retention may go on while the consumer reads, so that there is more than one gap.
    expect(gaps.reduce((sum, lost) => sum + lost, 0)).equal(Number(lostAtMost));
    expect(Number(lostAtMost + acknowledged)).equal(60);
  });

  it('holds no more than the operator allows', async () => {
    await start(1);
    await client.consumers.create('alert', { hold: 100 * ENTRY_BYTES });
    await publish(5);
    await eventually(async () => (await kept()) === 1);
    await eventually(async () => (await client.consumers.get('alert')).holdExceeded);
  });
});

describe('holds', () => {
  const floor = { epoch: 'e', offset: 5, fingerprint: 0 };

  it('are those on the history of one epoch, the lowest for each size', async () => {
    const held = [
      { name: 'a', bytes: 10, floor },
      { name: 'b', bytes: 10, floor: { ...floor, offset: 3 } },
      { name: 'c', bytes: 99, floor },
      { name: 'd', bytes: 10, floor: { ...floor, epoch: 'other', offset: 1 } },
    ];
    const store = { holds: () => Promise.resolve(held) };
    const holds = new ConsumerHolds(store, 50, () => undefined);
    expect(await holds.current('e')).deep.equal([
      { after: 3, bytes: 10 },
      { after: 5, bytes: 50 },
    ]);
  });

  it('are reported once for each time that they are exceeded', async () => {
    const warnings: string[] = [];
    const store = { holds: () => Promise.resolve([{ name: 'a', bytes: 10, floor }]) };
    const holds = new ConsumerHolds(store, undefined, (text) => warnings.push(text));
    for (const first of [6, 8, 9, 6, 7]) {
      await holds.current('e');
      holds.trimmed(first);
    }
    expect(warnings).deep.equal([
      'consumer a: retention has removed 2 entries that it holds and has not handled, because ' +
        'they exceed its limit of 10 bytes',
      'consumer a: retention has removed 1 entries that it holds and has not handled, because ' +
        'they exceed its limit of 10 bytes',
    ]);
  });
});
