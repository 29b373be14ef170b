import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../../protocol/errors.js';
import { anySize, readEncodedAny, readPayload, writeAny } from '../../../protocol/wire/any.js';
import {
  decodeForwardRequest,
  decodePublishRequest,
} from '../../../protocol/wire/event-requests.js';
import {
  OpaqueForwardRequest,
  OpaquePublishRequest,
} from '../../../protos/gen/foghorn/v1/envelope.js';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import {
  ForwardRequest,
  PublishRequest,
} from '../../../protos/gen/containerd/services/events/v1/events.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

const text = fc.string({ unit: anyCharacter, maxLength: 200 });
const value = fc.uint8Array({ maxLength: 300 });

/** Bytes like those of an Any, whole or not. */
const anyLike = fc
  .array(fc.oneof(fc.constantFrom(0x0a, 0x12, 0x08, 0, 1, 2, 4), fc.nat(255)), { maxLength: 40 })
  .map((bytes) => Uint8Array.from(bytes));

function isRefused(decode: () => unknown): boolean {
  try {
    decode();
    return false;
  } catch {
    return true;
  }
}

describe('google.protobuf.Any', () => {
  it('is written as the generated encoder writes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), value, (typeUrl, value) => {
        const any = { typeUrl, value };
        const bytes = Buffer.alloc(anySize(any));
        expect(writeAny(bytes, 0, any)).to.equal(bytes.length);
        expect(bytes.equals(Any.encode(any).finish())).to.equal(true);
      }),
    );
  });

  it('is accepted with any text and value', () => {
    fc.assert(
      fc.property(text, value, (typeUrl, value) => {
        const any = readEncodedAny(Any.encode({ typeUrl, value }).finish());
        expect(any.typeUrl).to.equal(typeUrl);
        expect(any.bytes.subarray(any.valueBegin, any.valueEnd)).to.deep.equal(Buffer.from(value));
      }),
    );
  });

  it('is refused with a type that is not UTF-8', () => {
    const bytes = Uint8Array.of(0x0a, 2, 0xc3, 0x28);
    expect(() => readEncodedAny(bytes)).to.throw();
    expect(readPayload(bytes)).to.have.property('code', 'INVALID_ARGUMENT');
  });

  it('is read as the generated decoder reads it, whatever its fields', () => {
    fc.assert(
      fc.property(anyLike, (bytes) => {
        const any = readPayload(bytes);
        if (any instanceof FoghornError) return;
        const { typeUrl, value } = Any.decode(bytes);
        expect(any.typeUrl).to.equal(typeUrl);
        expect(any.bytes.subarray(any.valueBegin, any.valueEnd)).to.deep.equal(Buffer.from(value));
      }),
      runs(20_000),
    );
  });
});

describe("requests of containerd's Events service", () => {
  const event = fc.option(fc.record({ typeUrl: text, value }), { nil: undefined });

  it('keep their payload as encoded bytes', () => {
    fc.assert(
      fc.property(text, event, (topic, event) => {
        const request = decodePublishRequest(PublishRequest.encode({ topic, event }).finish());
        expect(request.topic).to.equal(topic);
        expect(request.event && Any.decode(request.event.bytes)).to.deep.equal(event);
        const envelope = { timestamp: undefined, namespace: '', topic, event };
        const forward = decodeForwardRequest(ForwardRequest.encode({ envelope }).finish());
        const payload = forward.envelope?.event;
        expect(payload && Any.decode(payload.bytes)).to.deep.equal(event);
      }),
    );
  });

  it('are refused with a payload that is not an Any', () => {
    fc.assert(
      fc.property(anyLike, (event) => {
        const isBad = readPayload(event) instanceof FoghornError;
        const publish = OpaquePublishRequest.encode({ topic: '/a', event }).finish();
        expect(isRefused(() => decodePublishRequest(publish))).to.equal(isBad);
        const envelope = { timestamp: undefined, namespace: 'n', topic: '/a', event };
        const forward = OpaqueForwardRequest.encode({ envelope }).finish();
        expect(isRefused(() => decodeForwardRequest(forward))).to.equal(isBad);
      }),
      runs(2000),
    );
  });
});
