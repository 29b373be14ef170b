import { once } from 'node:events';
import { expect } from 'chai';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { OpaqueEntryBatch } from '../../../protos/gen/foghorn/v1/envelope.js';
import { Entry, ReadRequest, ReadResponse } from '../../../protos/gen/foghorn/v1/history.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { exitEnvelope, exitEvent } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { FrameReader, RawConnection } from '../../support/raw-http2.js';
import { offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';
import { WIRE_NAMES } from '../../support/wires.js';

const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';

/** An encoded ForwardRequest around an encoded envelope. */
function forwardRequest(envelope: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(envelope).finish();
}

/** An encoded envelope around an encoded Any. */
function envelopeAround(any: Uint8Array): Uint8Array {
  const head = Envelope.encode(exitEnvelope(7, { event: undefined }));
  return head.tag(4, WireType.LengthDelimited).bytes(any).finish();
}

/** Payloads that the broker does not understand. */
const PAYLOADS: Readonly<Record<string, Uint8Array>> = {
  'of an unknown type': new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string('example.com/unknown.Type')
    .tag(2, WireType.LengthDelimited)
    .bytes(Buffer.from('ff00fe', 'hex'))
    .finish(),
  'with fields that an Any does not have': new BinaryWriter()
    .tag(9, WireType.Varint)
    .uint32(5)
    .tag(1, WireType.LengthDelimited)
    .string('containerd.events.TaskExit')
    .tag(2, WireType.LengthDelimited)
    .bytes(exitEvent(3).value)
    .tag(3, WireType.Bit32)
    .fixed32(1)
    .finish(),
  'with its fields in another order': new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .bytes(exitEvent(3).value)
    .tag(1, WireType.LengthDelimited)
    .string('containerd.events.TaskExit')
    .finish(),
  'that is an empty Any': new Uint8Array(),
};

for (const http2 of WIRE_NAMES)
  describe(`a stream to a subscriber, over the HTTP/2 server "${http2}"`, () => {
    let server: TestServer;
    let client: TestClient;

    before(async () => {
      server = await TestServer.start({ http2 });
      client = server.client();
    });
    after(() => server.stop());

    it('sends headers before the first event', async () => {
      const subscribe = client.subscribe(['topic=="/none"']);
      const read = client.read({ filters: ['topic=="/none"'], limit: 1n });
      expect(await subscribe.headers).to.equal(0);
      expect(await read.headers).to.equal(0);
      subscribe.cancel();
      read.cancel();
    });

    it('misses nothing published after its headers arrived', async () => {
      for (let i = 0; i < 50; i++) {
        const stream = client.subscribe();
        await stream.headers;
        await client.forward(exitEnvelope(i));
        await stream.when(({ length }) => length === 1);
        stream.cancel();
      }
    });

    for (const [name, any] of Object.entries(PAYLOADS)) {
      it(`carries a payload ${name} as it is, with the cursor after the envelope`, async () => {
        const envelope = envelopeAround(any);
        const subscribe = client.subscribe();
        const request = ReadRequest.encode(ReadRequest.fromPartial({ limit: 1n })).finish();
        const read = client.stream('/foghorn.v1.History/Read', request, (bytes) => bytes);
        await Promise.all([subscribe.headers, read.headers]);
        await client.forwardBytes(forwardRequest(envelope));

        const [delivered] = await subscribe.when(({ length }) => length === 1);
        subscribe.cancel();
        expect(delivered!.subarray(0, envelope.length)).to.deep.equal(Buffer.from(envelope));
        const rest = Entry.decode(delivered!.subarray(envelope.length));
        expect(rest.cursor).to.have.lengthOf(26);
        expect(rest).to.deep.equal(Entry.fromPartial({ cursor: rest.cursor }));

        const responses = await read.toEnd();
        const batches = responses.filter((bytes) => bytes[0] === 0x0a).map(batchOf);
        expect(batches).to.deep.equal([[delivered]]);
      });
    }

    it('ends when its deadline has passed', async () => {
      const before = (await client.describe()).subscriptionCount;
      const stream = client.subscribe([], {}, { deadline: Date.now() + 200 });
      await stream.headers;
      expect((await stream.status).code).to.equal(4);
      await eventually(async () => (await client.describe()).subscriptionCount === before);
    });

    it('accepts a deadline longer than a timer can wait', async () => {
      const connection = new RawConnection(server.address);
      // The deadline of `ctr --timeout 700h events`.
      const headers = { 'grpc-timeout': '2520000S' };
      const stream = connection.call(SUBSCRIBE, new Uint8Array(), headers);
      await once(stream, 'response');
      await client.publish('/far/deadline', undefined);
      const [frames] = (await once(stream, 'data')) as [Buffer];
      expect(new FrameReader().push(frames)).to.have.lengthOf(1);
      connection.kill();
    });

    it('ends with OK after its limit, even with large events', async () => {
      const topic = `/${'x'.repeat(60)}`.repeat(3000);
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => client.forward(exitEnvelope(n, { topic }))),
      );
      const filters = [`topic==${JSON.stringify(topic.slice(0, 60))}`, `topic~="^/x+/"`];
      const start = { $case: 'earliest', value: {} } as const;
      const all = await client.read({ filters, start, limit: 20n }).toEnd();
      expect(offsetsOf(all)).to.have.lengthOf(20);
      // Batches stay near a megabyte.
      const sizes = all.map((message) => ReadResponse.encode(message).finish().length);
      expect(Math.max(...sizes)).to.be.within(500_000, 1_100_000);
    });
  });

/** The entries of an encoded ReadResponse that has some. */
function batchOf(response: Buffer): Buffer[] {
  const [tag, lengthBytes] = [1, response[1]! < 0x80 ? 1 : 2];
  const { entries } = OpaqueEntryBatch.decode(response.subarray(tag + lengthBytes));
  return entries.map((entry) => Buffer.from(entry));
}
