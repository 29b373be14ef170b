import { expect } from 'chai';
import { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { expectRefusal } from '../../../support/refusal.js';
import type { Headers, TestClient } from '../../../support/test-client.js';
import { TestServer } from '../../../support/test-server.js';
import { vectors } from '../../../support/vectors.js';

interface JsonEvent {
  readonly type_url: string;
  readonly value_hex: string;
}
interface JsonTime {
  readonly seconds: number;
  readonly nanos: number;
}
interface JsonEnvelope {
  readonly timestamp?: JsonTime;
  readonly namespace?: string;
  readonly topic?: string;
  readonly event?: JsonEvent;
}
interface Expectation {
  readonly code: number;
  readonly message?: string;
}
interface SingleCase {
  readonly rpc: 'Publish' | 'Forward';
  readonly name: string;
  readonly request: JsonEnvelope & { readonly envelope?: JsonEnvelope };
  readonly metadata?: Headers;
  readonly expect: Expectation;
  readonly delivered_timestamp?: JsonTime;
  readonly delivered_namespace?: string;
  readonly delivered_event?: null;
}
interface BothCase {
  readonly rpc: 'Forward+Publish';
  readonly name: string;
  readonly topics: readonly { topic: string; error: boolean; code?: number }[];
}
interface SubscribeCase {
  readonly filters: string[];
  readonly code: number | null;
  readonly message?: string;
}
const file = vectors('envelopes') as {
  cases: readonly (SingleCase | BothCase)[];
  subscribe: readonly SubscribeCase[];
};

/** Answers that differ from containerd 2.x, by the name of the case. */
const DELIBERATE: Readonly<Record<string, Expectation>> = {
  // As in containerd 1.6: an event without a time is a publisher's mistake, not an event of 1970.
  'timestamp absent': {
    code: 3,
    message: 'timestamp must be set on forwarded event: invalid argument',
  },
};

function eventOf(event: JsonEvent | undefined) {
  return event && { typeUrl: event.type_url, value: Buffer.from(event.value_hex, 'hex') };
}

function timeOf({ seconds, nanos }: JsonTime) {
  return { seconds: BigInt(seconds), nanos };
}

function envelopeOf({ timestamp, namespace = '', topic = '', event }: JsonEnvelope): Envelope {
  return { timestamp: timestamp && timeOf(timestamp), namespace, topic, event: eventOf(event) };
}

describe('envelopes over the wire', () => {
  let server: TestServer;
  let client: TestClient;

  before(async () => {
    server = await TestServer.start();
    client = server.client();
  });
  after(() => server.stop());

  function send({ rpc, request, metadata }: SingleCase): Promise<void> {
    if (rpc === 'Forward') return client.forward(envelopeOf(request.envelope!), metadata);
    return client.publish(request.topic!, eventOf(request.event), metadata);
  }

  /** The events that a live subscriber gets. */
  async function deliver(each: SingleCase): Promise<Envelope> {
    const stream = client.subscribe();
    await stream.headers;
    await send(each);
    const [bytes] = await stream.when(({ length }) => length === 1);
    stream.cancel();
    return Envelope.decode(bytes!);
  }

  for (const each of file.cases) {
    if (each.rpc === 'Forward+Publish') continue;
    const expected = DELIBERATE[each.name] ?? each.expect;
    const title = `${each.rpc}: ${each.name}`;

    if (expected.code !== 0) {
      it(title, () => expectRefusal(send(each), expected.code, expected.message));
      continue;
    }

    it(title, async () => {
      const { timestamp, namespace, topic, event } = await deliver(each);
      const sent = each.request.envelope ?? each.request;
      const header = each.metadata?.['containerd-namespace'];
      expect(topic).to.equal(sent.topic);
      expect(namespace).to.equal(each.delivered_namespace ?? sent.namespace ?? header);
      const sentEvent = eventOf(sent.event);
      expect(event).to.deep.equal(each.delivered_event === null ? undefined : sentEvent);
      const time = each.delivered_timestamp ?? sent.timestamp;
      if (time !== undefined) expect(timestamp).to.deep.equal(timeOf(time));
      else expect(Math.abs(Number(timestamp!.seconds) - Date.now() / 1000)).to.be.below(5);
    });
  }

  for (const { name, topics } of file.cases.filter((each) => each.rpc === 'Forward+Publish')) {
    for (const { topic, error, code } of topics) {
      it(`${name}: ${topic}`, async () => {
        const timestamp = { seconds: 1n, nanos: 0 };
        const forward = client.forward({ timestamp, namespace: 'ns', topic, event: undefined });
        const publish = client.publish(topic, undefined);
        if (!error) return Promise.all([forward, publish]);
        return Promise.all([expectRefusal(forward, code!), expectRefusal(publish, code!)]);
      });
    }
  }

  for (const { filters, code, message } of file.subscribe) {
    const title = `Subscribe with ${JSON.stringify(filters)}`;

    if (code !== null) {
      it(`${title} is refused`, async () => {
        const status = await client.subscribe(filters).status;
        expect(status.details).to.equal(message);
        // containerd's code is 2, UNKNOWN; a bad filter is the caller's mistake and ours says so.
        expect(status.code).to.equal(3);
      });
    } else if (filters[0] === 'topic~="["') {
      it(`${title} is refused, although containerd opens a silent stream`, async () => {
        const { code, details } = await client.subscribe(filters).status;
        expect(code).to.equal(3);
        expect(details).to.match(/^subscription error: failed parsing subscription filters: /);
      });
    } else {
      it(`${title} gets events of every namespace, whatever its header`, async () => {
        const stream = client.subscribe(filters, { 'containerd-namespace': 'other' });
        await stream.headers;
        await client.publish('/a', undefined, { 'containerd-namespace': 'one' });
        await client.publish('/b', undefined, { 'containerd-namespace': 'two' });
        const events = await stream.when(({ length }) => length === 2);
        const namespaces = events.map((bytes) => Envelope.decode(bytes).namespace);
        expect(namespaces).to.deep.equal(['one', 'two']);
        stream.cancel();
      });
    }
  }

  it('Forward without an envelope is refused', () =>
    expectRefusal(
      client.forward(undefined),
      3,
      'envelope must be set on forward request: invalid argument',
    ));

  it('Publish without the namespace header is refused', () =>
    expectRefusal(
      client.publish('/test', undefined, {}),
      9,
      'failed publishing event: namespace is required: failed precondition',
    ));

  it('Forward with Go’s zero time is refused', () =>
    expectRefusal(
      client.forward({
        timestamp: { seconds: -62_135_596_800n, nanos: 0 },
        namespace: 'ns',
        topic: '/t',
        event: undefined,
      }),
      3,
      'timestamp must be set on forwarded event: invalid argument',
    ));

  it('Forward with a time after the year 9999 is refused', async () => {
    const timestamp = { seconds: 253_402_300_799n, nanos: 1_000_000_000 };
    const envelope = { timestamp, namespace: 'ns', topic: '/t', event: undefined };
    const text = await expectRefusal(client.forward(envelope), 3);
    expect(text).to.contain('years 1 to 9999');
  });
});
