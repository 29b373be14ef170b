import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../../protocol/errors.js';
import { OpaqueAppendRequest } from '../../../protos/gen/foghorn/v1/envelope.js';
import { AppendRequest, type NewEvent } from '../../../protos/gen/foghorn/v1/history.js';
import { decodeAppendRequest } from '../../../protocol/wire/append-request.js';
import { readEncodedAny } from '../../../protocol/wire/any.js';
import { decodeTrace } from '../../../protocol/wire/trace.js';
import { anyCharacter } from '../../support/any-character.js';
import { forwarding, publishing } from '../../support/append-probe.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { runs } from '../../support/property-runs.js';

const { LengthDelimited, Varint } = WireType;

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString('hex');

/** The events that the generated decoder finds, in a form that can be compared. */
function expected(bytes: Buffer): unknown[] {
  return OpaqueAppendRequest.decode(bytes).events.map(({ event }) => {
    if (event === undefined) return 'refused';
    try {
      if (event.value.event !== undefined) readEncodedAny(event.value.event);
    } catch {
      return 'refused';
    }
    const { trace: encoded, ...value } = event.value;
    const trace = decodeTrace(encoded);
    return { ...value, event: hex(value.event), ...(trace && { trace }) };
  });
}

function actual(bytes: Buffer): unknown[] {
  const request = decodeAppendRequest(bytes);
  expect(request.bytes).to.equal(bytes.length);
  return request.events(0, request.count).map((event) => {
    if (event instanceof FoghornError) return 'refused';
    if (event.kind === 'forward') {
      return { ...event.envelope, event: hex(event.envelope.event?.bytes) };
    }
    const { namespace, topic, event: payload, publishId, trace } = event;
    const id = Buffer.from(publishId).toString();
    return { namespace, topic, event: hex(payload?.bytes), publishId: id, ...(trace && { trace }) };
  });
}

function expectSame(bytes: Buffer): void {
  expect(actual(bytes)).to.deep.equal(expected(bytes));
}

describe('decoding an AppendRequest', () => {
  const text = fc.oneof(fc.string({ maxLength: 150 }), fc.string({ unit: anyCharacter }));
  const event = fc.option(fc.record({ typeUrl: text, value: fc.uint8Array({ maxLength: 300 }) }), {
    nil: undefined,
  });
  const traceparent = fc.constantFrom(TRACEPARENT, `${TRACEPARENT}0`);
  const trace = fc.option(fc.record({ traceparent, tracestate: text }), { nil: undefined });
  const publication = fc
    .record({ namespace: text, topic: text, event, publishId: text, trace })
    .map(publishing);
  const forward = fc.nat(9).map((n) => forwarding(exitEnvelope(n)));
  const nothing = fc.constant<NewEvent>({ event: undefined });
  const events = fc.array(fc.oneof({ weight: 4, arbitrary: publication }, forward, nothing));

  it('returns what the generated decoder returns', () => {
    fc.assert(
      fc.property(events, (list) => {
        expectSame(Buffer.from(AppendRequest.encode({ events: list }).finish()));
      }),
      runs(1000),
    );
  });

  it('agrees with the generated decoder on any order, number and kind of fields', () => {
    const field = fc.record({ number: fc.integer({ min: 1, max: 20 }), content: text });
    fc.assert(
      fc.property(fc.array(field), fc.option(fc.nat()), (fields, last) => {
        const nested = (bytes: Uint8Array): Uint8Array =>
          new BinaryWriter().tag(1, LengthDelimited).bytes(bytes).finish();
        const writer = new BinaryWriter();
        for (const { number, content } of fields)
          writer.tag(number, LengthDelimited).string(content);
        if (last !== null) writer.tag(9, Varint).uint32(last);
        expectSame(Buffer.from(nested(nested(writer.finish()))));
      }),
      runs(2000),
    );
  });

  it('agrees with the generated decoder on any bytes', () => {
    const byte = fc.oneof(fc.constantFrom(0x0a, 0x12, 0x1a, 0x22, 0, 1, 2, 4, 6), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (values) => {
        const bytes = Buffer.from(values);
        let whole: unknown[];
        try {
          whole = expected(bytes);
        } catch {
          expect(() => actual(bytes)).to.throw();
          return;
        }
        expect(actual(bytes)).to.deep.equal(whole);
      }),
      runs(20_000),
    );
  });

  it('agrees with the generated decoder on many events, in slices too', () => {
    const kinds = [publishing({ topic: '/a' }), forwarding(exitEnvelope(1)), { event: undefined }];
    for (const list of [kinds, kinds.slice(0, 1)]) {
      const many = Array.from({ length: 9000 }, (_, i) => list[i % list.length]!);
      const bytes = Buffer.from(AppendRequest.encode({ events: many }).finish());
      expectSame(bytes);
      const request = decodeAppendRequest(bytes);
      const slices = [request.events(0, 4000), request.events(4000, 9999)];
      expect(slices.flat()).to.deep.equal(request.events(0, 9000));
    }
    const wrong = Buffer.concat(Array<Buffer>(9000).fill(Buffer.from('0a020aff', 'hex')));
    expect(() => decodeAppendRequest(wrong).events(0, 1)).to.throw(/cannot be decoded/);
  });

  it('refuses a request that is cut off', () => {
    const list = [publishing({ topic: '/a' }), publishing({ topic: '/b', publishId: 'x' })];
    const bytes = Buffer.from(AppendRequest.encode({ events: list }).finish());
    const half = AppendRequest.encode({ events: list.slice(0, 1) }).finish().length;
    for (let length = 1; length < bytes.length; length++) {
      if (length === half) continue;
      expect(() => decodeAppendRequest(bytes.subarray(0, length)), `${length}`).to.throw();
    }
  });
});
