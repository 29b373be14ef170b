import { expect } from 'chai';
import { connect, type Client, type Entry } from '../../../client/index.js';
import { ForwardRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { exitEnvelope, exitEvent } from '../../support/envelopes.js';
import { RawTtrpc, request } from '../../support/raw-ttrpc.js';
import { publishing } from '../../support/append-probe.js';
import { TestServer } from '../../support/test-server.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
const TRACESTATE = 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE';
const TRACE = { traceparent: TRACEPARENT, tracestate: TRACESTATE };
const METADATA = { 'containerd-namespace': 'default', ...TRACE };
const CLOUD_EVENT = {
  ...{ specversion: '1.0', id: '1', source: '/test', type: 'google.protobuf.Empty' },
  ...{ topic: '/t', namespace: 'default', data: {} },
};

describe('the trace of an event', () => {
  let server: TestServer;
  let client: Client;

  beforeEach(async () => {
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
    client = connect({ address: server.address });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  async function entries(): Promise<Entry[]> {
    const found: Entry[] = [];
    for await (const message of client.read({ start: 'earliest', stopWhenCaughtUp: true })) {
      if (message.kind === 'entries') found.push(...message.entries);
    }
    return found;
  }

  async function traces(): Promise<unknown[]> {
    return (await entries()).map(({ trace }) => trace);
  }

  function post(path: string, headers: Record<string, string>, body: unknown): Promise<Response> {
    return fetch(`${server.http}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  it('is kept from the metadata of Publish, Forward and Append', async () => {
    const raw = server.client();
    await raw.publish('/t', exitEvent(1), METADATA);
    await raw.forward(exitEnvelope(2), METADATA);
    const append = raw.append(METADATA);
    const own = { traceparent: OTHER, tracestate: '' };
    append.send([publishing({ topic: '/a' }), publishing({ topic: '/b', trace: own })]);
    await append.answers(1);
    append.end();
    expect(await traces()).to.deep.equal([TRACE, TRACE, TRACE, own]);
  });

  it('is kept from the metadata of ttrpc', async () => {
    const connection = await RawTtrpc.open(server.ttrpcSocket);
    const metadata = Object.entries({ 'containerd-namespace-ttrpc': 'default', ...TRACE });
    const payload = ForwardRequest.encode({ envelope: exitEnvelope(1) }).finish();
    const pairs = metadata.map(([key, value]) => ({ key, value }));
    await connection.call(request(1, payload, { metadata: pairs }));
    const next = ForwardRequest.encode({ envelope: exitEnvelope(2) }).finish();
    await connection.call(request(3, next, { metadata: pairs.slice(0, 1) }));
    connection.socket.destroy();
    expect(await traces()).to.deep.equal([TRACE, undefined]);
  });

  it('is kept from the headers of HTTP, from JSON and from CloudEvents', async () => {
    const json = { 'content-type': 'application/json' };
    const event = { topic: '/t', namespace: 'default' };
    await post('/v1/events', { ...json, ...TRACE }, [event, { ...event, traceparent: OTHER }]);
    const structured = { 'content-type': 'application/cloudevents+json' };
    await post('/v1/events', structured, { ...CLOUD_EVENT, ...TRACE });
    const batch = { 'content-type': 'application/cloudevents-batch+json' };
    await post('/v1/events', batch, [{ ...CLOUD_EVENT, id: '2', traceparent: OTHER }]);
    const { specversion, id, source, type } = { ...CLOUD_EVENT, id: '3' };
    const binary = {
      ...json,
      ...{ 'ce-specversion': specversion, 'ce-id': id, 'ce-source': source, 'ce-type': type },
      ...{ 'ce-topic': '/t', 'ce-namespace': 'default', 'ce-traceparent': TRACEPARENT },
    };
    await post('/v1/events', binary, {});
    const other = { traceparent: OTHER, tracestate: '' };
    const last = { traceparent: TRACEPARENT, tracestate: '' };
    expect(await traces()).to.deep.equal([TRACE, other, TRACE, other, last]);
  });

  it('is kept from the client library, also through a spool and again through JSON', async () => {
    await client.publish({ topic: '/a', trace: TRACE });
    await client.forward({ ...exitEnvelope(1), trace: TRACE });
    const spooling = connect({ address: server.address, spool: `${server.directory}/spool` });
    await spooling.publish({ topic: '/b', trace: TRACE });
    await spooling.spool([{ ...exitEnvelope(2), trace: TRACE }, exitEnvelope(3)]);
    await spooling.drainSpool();
    await spooling.close();
    expect(await traces()).to.deep.equal([TRACE, TRACE, TRACE, TRACE, undefined]);
  });

  it('reaches subscribers of containerd, who step over it, and readers of JSON', async () => {
    await client.publish({ topic: '/t', event: exitEvent(1), trace: TRACE });
    const [entry] = await entries();
    const { timestamp, namespace, topic, event } = entry!;
    const live = server.client().subscribe([], { 'foghorn-since': '2020-01-01T00:00:00Z' });
    const [bytes] = await live.when(({ length }) => length === 1);
    expect(Envelope.decode(bytes!)).to.deep.equal({ timestamp, namespace, topic, event });
    live.cancel();
    for (const format of ['', '&format=cloudevents']) {
      const answer = await fetch(`${server.http}/v1/events?since=2020-01-01T00:00:00Z${format}`);
      const { events } = (await answer.json()) as { events: object[] };
      expect(events[0], format).to.include(TRACE);
    }
    expect(JSON.parse(JSON.stringify(entry))).to.include(TRACE);
  });

  it('does not make an event another one', async () => {
    const raw = server.client();
    await raw.forward(exitEnvelope(1), METADATA);
    await raw.forward(exitEnvelope(1), { ...METADATA, traceparent: OTHER });
    await raw.publish('/t', undefined, { ...METADATA, 'foghorn-publish-id': 'x' });
    await raw.publish('/t', undefined, {
      'containerd-namespace': 'default',
      'foghorn-publish-id': 'x',
    });
    expect(await traces()).to.deep.equal([TRACE, TRACE]);
  });

  it('is ignored where it is malformed, and the event stored', async () => {
    const raw = server.client();
    const wrong = ['', 'x', TRACEPARENT.slice(1), `${TRACEPARENT}-1`, `ff${TRACEPARENT.slice(2)}`];
    wrong.push(TRACEPARENT.replace(/b7ad\w+/, '0'.repeat(16)), TRACEPARENT.toUpperCase());
    for (const traceparent of wrong) {
      await raw.publish('/t', undefined, { 'containerd-namespace': 'default', traceparent });
    }
    const long = { traceparent: TRACEPARENT, tracestate: `a=${'b'.repeat(600)}` };
    await raw.publish('/t', undefined, { 'containerd-namespace': 'default', ...long });
    const kept = await traces();
    expect(kept.slice(0, -1)).to.deep.equal(wrong.map(() => undefined));
    expect(kept.at(-1)).to.deep.equal({ traceparent: TRACEPARENT, tracestate: '' });
  });

  it('survives a restart of the broker with its store', async () => {
    const store = `lmdb:${server.directory}/history`;
    const first = await TestServer.start({ store });
    await first.client().publish('/t', exitEvent(1), METADATA);
    await first.drain();
    const second = await TestServer.start({ store });
    const reader = connect({ address: second.address });
    try {
      const since = { since: 0n };
      for await (const message of reader.read({ start: since, stopWhenCaughtUp: true })) {
        if (message.kind !== 'entries') continue;
        expect(message.entries.map(({ trace, event }) => [trace, event])).to.deep.equal([
          [TRACE, exitEvent(1)],
        ]);
      }
    } finally {
      await reader.close();
      await first.stop();
      await second.stop();
    }
  });
});
