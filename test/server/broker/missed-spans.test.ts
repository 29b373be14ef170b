import { expect } from 'chai';
import { missedEventsEnvelope } from '../../../bridge/missed-events.js';
import { systemClock } from '../../../protocol/clock.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { MissedEvents } from '../../../protos/gen/foghorn/v1/recording.js';
import { EndReason, GapPolicy, GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import type { ReadRequest, ReadResponse } from '../../../protos/gen/foghorn/v1/history.js';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { NamespaceSet } from '../../../server/access/namespace-set.js';
import { Broker } from '../../../server/broker/broker.js';
import { parseCursor } from '../../../server/events/cursor.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { resumeAfter } from '../../support/gaps.js';
import { appendAll } from '../../support/history-append.js';
import { forwardAll } from '../../support/history-seed.js';
import { messagesOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const ALL: Partial<ReadRequest> = {
  start: { $case: 'earliest', value: {} },
  stopWhenCaughtUp: true,
};
const EXITS = ['topic=="/tasks/exit"'];

/** A span that ends n seconds after 1970. */
function span(n: number, namespace = 'foghorn'): Envelope {
  const to = BigInt(n) * 1_000_000_000n;
  const daemon = namespace === 'foghorn' ? 'containerd' : 'docker';
  const missed = { daemon, address: '/d', from: to - 1n, to, reason: 'it was away' } as const;
  return missedEventsEnvelope(namespace, missed);
}

/** Numbers of the exits that a reader got, and its gaps as offsets. */
function outline(responses: readonly ReadResponse[]): (number | string)[] {
  return responses.flatMap(({ message }): (number | string)[] => {
    if (message?.$case === 'entries') return message.value.entries.map(numberOf);
    if (message?.$case !== 'gap') return [];
    const { reason, from, to, lostAtMost } = message.value;
    expect(reason).to.equal(GapReason.GAP_REASON_NOT_RECORDED);
    expect(lostAtMost).to.equal(0n);
    return [`${parseCursor(from).offset} to ${parseCursor(to).offset}`];
  });
}

describe('a span in which a recorder may have missed events', () => {
  let server: TestServer;
  let client: TestClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = server.client();
  });
  afterEach(() => server.stop());

  const read = async (request: Partial<ReadRequest>): Promise<(number | string)[]> =>
    outline(await client.read({ ...ALL, ...request }).toEnd());

  it('is a gap in its place for a reader whose filters leave out its entry', async () => {
    await forwardAll(
      client,
      [1, 2].map((n) => exitEnvelope(n)),
    );
    await forwardAll(client, [span(3), exitEnvelope(4), span(5), span(6)]);
    expect(await read({ filters: EXITS })).to.deep.equal([1, 2, '2 to 3', 4, '4 to 5', '5 to 6']);
  });

  it('does not end a read that is to fail at gaps, which resumes after it', async () => {
    await forwardAll(client, [exitEnvelope(1), span(2), exitEnvelope(3)]);
    const gapPolicy = GapPolicy.GAP_POLICY_FAIL;
    const all = await client.read({ ...ALL, filters: EXITS, gapPolicy }).toEnd();
    expect(outline(all)).to.deep.equal([1, '1 to 2', 3]);
    expect(messagesOf(all, 'end')).to.have.length(1);
    expect(messagesOf(all, 'end')[0]!.reason).to.equal(EndReason.END_REASON_COMPLETE);
    const [gap] = messagesOf(all, 'gap');
    expect(await read({ filters: EXITS, ...resumeAfter(gap!.from) })).to.deep.equal(['1 to 2', 3]);
    expect(await read({ filters: EXITS, ...resumeAfter(gap!.to) })).to.deep.equal([3]);
  });

  it('is described by the entry at the end of the gap', async () => {
    await forwardAll(client, [exitEnvelope(1), span(2)]);
    const [gap] = messagesOf(await client.read({ ...ALL, filters: EXITS }).toEnd(), 'gap');
    const found = messagesOf(await client.read(resumeAfter(gap!.from)).toEnd(), 'entries');
    const [entry] = found[0]!.entries;
    expect(entry!.cursor).to.equal(gap!.to);
    expect(MissedEvents.decode(entry!.event!.value).reason).to.equal('it was away');
  });

  it('is a gap in its place for a reader that is live', async () => {
    const live = client.read({ filters: EXITS, start: { $case: 'now', value: {} } });
    const unfiltered = client.read({ start: { $case: 'now', value: {} } });
    await Promise.all([live.headers, unfiltered.headers]);
    await forwardAll(client, [exitEnvelope(1), span(2), exitEnvelope(3)]);
    const got = await live.when((messages) => outline(messages).length === 3);
    expect(outline(got)).to.deep.equal([1, '1 to 2', 3]);
    await forwardAll(client, [span(4), exitEnvelope(5)]);
    const more = await live.when((messages) => outline(messages).length === 5);
    expect(outline(more)).to.deep.equal([1, '1 to 2', 3, '3 to 4', 5]);
    const all = await unfiltered.when(
      (messages) => messagesOf(messages, 'entries').flatMap(({ entries }) => entries).length === 5,
    );
    expect(messagesOf(all, 'gap')).to.deep.equal([]);
  });

  it('is its entry alone for readers whose filters pass that', async () => {
    await forwardAll(client, [exitEnvelope(1), span(2)]);
    for (const filters of [[], ['topic=="/foghorn/recorder"'], [...EXITS, 'topic~=recorder']]) {
      const all = await client.read({ ...ALL, filters }).toEnd();
      expect(messagesOf(all, 'gap')).to.deep.equal([]);
    }
  });

  it('is none for a reader of one container, whose end the recorder finds out', async () => {
    await forwardAll(client, [exitEnvelope(1), span(2), exitEnvelope(11)]);
    const container = { namespace: 'default', containerId: 'c1' };
    expect(await read({ container, filters: EXITS })).to.deep.equal([1, 11]);
    expect(await read({ filters: ['event.container_id==c1'] })).to.deep.equal([1, 11]);
  });

  it('concerns the readers of its namespace, and all if it is a containerd’s', async () => {
    const exits = [1, 3, 5].map((n) => exitEnvelope(n, { namespace: 'a' }));
    await forwardAll(client, [exits[0]!, span(2, 'a'), exits[1]!, span(4), exits[2]!]);
    const of = (name: string): string[] => [`topic=="/tasks/exit",namespace==${name}`];
    expect(await read({ filters: of('a') })).to.deep.equal([1, '1 to 2', 3, '3 to 4', 5]);
    expect(await read({ filters: of('b') })).to.deep.equal(['0 to 4']);
    expect(await read({ filters: [...of('b'), ...of('a')] })).to.deep.equal([
      1,
      '1 to 2',
      3,
      '3 to 4',
      5,
    ]);
  });

  it('concerns no reader who asks for another time, or for what came before', async () => {
    await forwardAll(client, [exitEnvelope(1), span(2), exitEnvelope(3)]);
    const until = { seconds: 1n, nanos: 0 };
    expect(await read({ filters: EXITS, until })).to.deep.equal([1]);
    expect(await read({ filters: EXITS, limit: 1n })).to.deep.equal([1]);
  });

  it('is hidden from a caller that may not read its namespace', async () => {
    const store = await openStore('memory:', systemClock);
    const broker = await Broker.start(store, PayloadTypes.load(), systemClock);
    const others = exitEnvelope(1, { namespace: 'b' });
    await appendAll(store, [others, span(2, 'b'), span(3)]);
    const readable = NamespaceSet.of(['a']);
    const subscription = await broker.subscribe(
      { name: 'tenant', may: (_, namespace) => readable.has(namespace), readable },
      {
        ...{ filter: parseFilters(EXITS), scope: undefined, start: { kind: 'earliest' } },
        ...{ until: undefined, stopWhenCaughtUp: true, limit: Infinity, onGap: 'fail' },
        reportsMissedSpans: true,
      },
    );
    const ends: number[] = [];
    for await (const message of subscription) {
      expect(message.kind).not.to.equal('entries');
      if (message.kind === 'gap') ends.push(parseCursor(message.to).offset);
    }
    expect(ends).to.deep.equal([3]);
    broker.close();
    await store.close();
  });
});
