import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { FoghornError, connect } from '../../../client/index.js';
import type { Client, ClientStatus, Receipt } from '../../../client/index.js';
import type { NewEvent } from '../../../protos/gen/foghorn/v1/history.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { heapInUse } from '../../support/heap.js';
import { ScriptedPeer, appended, refused, topicOf } from '../scripted-peer.js';
import type { AppendCall } from '../scripted-peer.js';

const MEBIBYTE = 1024 * 1024;

function topics(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `/t/${n}`);
}

describe('publishing with a peer that misbehaves', () => {
  let directory: string;
  let peer: ScriptedPeer;
  let client: Client;
  let statuses: ClientStatus[];
  /** Every event that came, stream by stream. */
  let received: NewEvent[][];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-publisher-'));
    statuses = [];
    received = [];
  });

  afterEach(async () => {
    await client.close();
    peer.kill();
    rmSync(directory, { recursive: true });
  });

  /**
   * A peer whose n-th Append call does what the n-th script says with each message; the last one
   * goes for the rest.
   */
  async function start(...scripts: ((events: NewEvent[], call: AppendCall) => void)[]) {
    const append = (call: AppendCall) => {
      const events: NewEvent[] = [];
      received.push(events);
      const script = scripts.length > 1 ? scripts.shift() : scripts[0];
      call.on('data', (request: { events: NewEvent[] }) => {
        events.push(...request.events);
        script?.(request.events, call);
      });
      call.on('error', () => {});
      call.on('end', () => call.end());
    };
    peer = new ScriptedPeer(join(directory, 'p.sock'), { append });
    await peer.start();
    client = connect({ address: peer.address, onStatus: (told) => statuses.push(told) });
  }

  const accept = (events: NewEvent[], call: AppendCall) => {
    call.write({ results: events.map(appended) });
  };
  const cut = (_events: NewEvent[], call: AppendCall) => {
    call.emit('error', { code: status.UNAVAILABLE, details: 'cut' });
  };
  const hang = () => {};

  function publishAll(list: readonly string[], limits = {}): Promise<(Receipt | FoghornError)[]> {
    return Promise.all(
      list.map((topic) =>
        client.publish({ topic }, limits).catch((error: unknown) => error as FoghornError),
      ),
    );
  }

  function cursorsOf(receipts: readonly (Receipt | FoghornError)[]): string[] {
    return receipts.map((receipt) => ('cursor' in receipt ? receipt.cursor : ''));
  }

  it('gives each of an hour of awaited publishes its own time limit', async () => {
    const clock = new FakeClock();
    try {
      await start((events, call) => {
        clock.advance(1000);
        accept(events, call);
      });
      for (let second = 0; second < 3600; second++) {
        const { kind } = await client.publish({ topic: '/t' });
        if (kind !== 'stored') expect.fail(`${kind} after ${second} s`);
      }
    } finally {
      clock.restore();
    }
  });

  it('sends unanswered events again, in order and with the same ids, before later ones', async () => {
    await start(accept, cut, cut, accept);
    const [first] = await publishAll(['/first']);
    expect(first).to.deep.equal({ kind: 'stored', cursor: '/first', duplicate: false });
    received[0]?.splice(0);
    // From now on every message of this stream is lost.
    peer.kill();
    await peer.start();
    const list = topics(2500);
    const early = publishAll(list.slice(0, 1500));
    await eventually(() => received.length === 3);
    const late = publishAll(list.slice(1500));
    expect(cursorsOf([...(await early), ...(await late)])).to.deep.equal(list);
    const [, , , last] = received as [NewEvent[], NewEvent[], NewEvent[], NewEvent[]];
    expect(last.map(topicOf)).to.deep.equal(list);
    const id = ({ event }: NewEvent) => event?.$case === 'publish' && event.value.publishId;
    expect(new Set(last.map(id)).size).to.equal(list.length);
    expect(last.slice(0, received[1]!.length).map(id)).to.deep.equal(received[1]!.map(id));
    expect(statuses.map(({ state }) => state).slice(-1)).to.deep.equal(['connected']);
    expect(statuses.filter(({ state }) => state === 'disconnected').length).to.be.at.least(2);
  });

  it('rejects only the call whose event is refused', async () => {
    await start((events, call) => {
      call.write({
        results: events.map((event) =>
          topicOf(event) === '/t/37'
            ? refused(status.RESOURCE_EXHAUSTED, 'no room')
            : appended(event),
        ),
      });
    });
    const receipts = await publishAll(topics(100));
    expect(receipts.filter((receipt) => receipt instanceof FoghornError)).to.have.length(1);
    expect(receipts[37]).to.include({ code: 'RESOURCE_EXHAUSTED', message: 'no room' });
  });

  it('rejects the calls under way when the stream ends with an error that cannot pass', async () => {
    await start((_events, call) => {
      call.emit('error', { code: status.INTERNAL, details: 'a defect' });
    }, accept);
    const [first] = await publishAll(['/a']);
    expect(first).to.include({ code: 'INTERNAL', message: 'a defect' });
    expect(cursorsOf(await publishAll(['/b']))).to.deep.equal(['/b']);
  });

  it('refuses an answer with another number of results', async () => {
    await start((events, call) => {
      call.write({ results: events.slice(1).map(appended) });
    });
    for (const receipt of await publishAll(topics(3))) {
      expect(receipt).to.be.instanceOf(FoghornError).with.property('code', 'INTERNAL');
    }
  });

  it('cuts a stream that does not answer and tries the next one', async () => {
    await start(hang, accept);
    const begun = performance.now();
    expect(cursorsOf(await publishAll(['/a', '/b']))).to.deep.equal(['/a', '/b']);
    expect(performance.now() - begun).to.be.within(4900, 8000);
    expect(received.map((events) => events.map(topicOf))).to.deep.equal([
      ['/a', '/b'],
      ['/a', '/b'],
    ]);
  });

  it('says on a timeout that the event may have been stored', async () => {
    await start(hang);
    const [late] = await publishAll(['/a'], { timeout: 100 });
    expect(late).to.include({
      code: 'DEADLINE_EXCEEDED',
      message: 'no answer within 100 ms: whether the event was stored is not known',
    });
  });

  it('cancels calls by their signal, which any number may share', async () => {
    await start(hang);
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const controller = new AbortController();
    const calls = publishAll(topics(50), { signal: controller.signal });
    await eventually(() => received[0]?.length === 50);
    controller.abort();
    for (const call of await calls) expect(call).to.have.property('code', 'CANCELLED');
    const [before] = await publishAll(['/late'], { signal: controller.signal });
    expect(before).to.have.property('message', 'the call was given up before it began');
    process.off('warning', warn);
    expect(warnings).to.deep.equal([]);
  });

  it('sends only a bounded part of the waiting events to a broker that does not answer', async () => {
    await start(hang);
    const event = { typeUrl: 'x', value: Buffer.alloc(MEBIBYTE) };
    const before = await heapInUse();
    const calls = Promise.allSettled(
      topics(400).map((topic) => client.publish({ topic, event }, { timeout: 3000 })),
    );
    await eventually(() => (received[0]?.length ?? 0) >= 8);
    const used = (await heapInUse()) - before;
    // The events under way, here and at the peer, and the buffers of sockets.
    expect(used / MEBIBYTE).to.be.below(64);
    const results = await calls;
    expect(results.filter(({ status: end }) => end === 'rejected')).to.have.length(400);
    expect(received.flat().length).to.be.below(20);
    expect((results[399] as PromiseRejectedResult).reason).to.have.property(
      'message',
      'no answer within 3000 ms: the event was not sent',
    );
  });

  it('fails at once with the reason when the broker was never reached', async () => {
    await start(accept);
    peer.kill();
    const receipts = await publishAll(topics(3));
    for (const receipt of receipts) {
      expect(receipt).to.include({
        code: 'UNAVAILABLE',
        message: `cannot reach ${peer.address}: is \`foghorn serve\` running? (no such socket)`,
      });
    }
  });

  it('retries until the timeout once it has reached the broker', async () => {
    await start(accept);
    await publishAll(['/a']);
    peer.kill();
    // The first one may go out on the old connection.
    await publishAll(['/b'], { timeout: 300 });
    const [late] = await publishAll(['/c'], { timeout: 700 });
    expect(late).to.have.property('code', 'DEADLINE_EXCEEDED');
    expect(late)
      .to.have.property('message')
      .that.matches(/^no answer within 700 ms: the event was not sent \(cannot reach /);
    expect(statuses.filter(({ state }) => state === 'disconnected').length).to.be.above(1);
  });

  it('cancels the calls under way a moment after it was closed', async () => {
    await start(hang);
    const calls = publishAll(['/a']);
    await eventually(() => received[0]?.length === 1);
    const begun = performance.now();
    await client.close();
    expect(performance.now() - begun).to.be.within(900, 3000);
    const [call] = await calls;
    expect(call).to.include({
      code: 'CANCELLED',
      message: 'the client was closed: whether the event was stored is not known',
    });
    const [after] = await publishAll(['/b']);
    expect(after).to.include({ code: 'CANCELLED', message: 'the client is closed' });
  });
});
