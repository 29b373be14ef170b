import { expect } from 'chai';
import fc from 'fast-check';
import { makeEntry } from '../../../client/read/entry-json.js';
import { decodeConsumeResponse } from '../../../protocol/wire/deliveries.js';
import { ConsumeResponse } from '../../../protos/gen/foghorn/v1/consumers.js';
import { anyCharacter } from '../../support/any-character.js';

const text = fc.string({ unit: anyCharacter, maxLength: 40 });
const entry = fc.record({
  timestamp: fc.option(
    fc.record({ seconds: fc.bigInt({ min: 0n, max: 2n ** 34n }), nanos: fc.nat(999_999_999) }),
    { nil: undefined },
  ),
  namespace: text,
  topic: text,
  event: fc.option(fc.record({ typeUrl: text, value: fc.uint8Array({ maxLength: 300 }) }), {
    nil: undefined,
  }),
  cursor: text,
  dockerEvent: fc.option(text, { nil: undefined }),
});
const delivery = fc.record({
  entry: fc.option(entry, { nil: undefined, freq: 20 }),
  event: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((event) => event >> 20n),
  attempt: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

function outcome(decode: () => ConsumeResponse): unknown {
  try {
    return decode();
  } catch {
    return 'refused';
  }
}

function expectSame(bytes: Buffer): void {
  const expected = outcome(() => ConsumeResponse.decode(bytes));
  expect(outcome(() => decodeConsumeResponse(bytes, makeEntry))).deep.equal(expected);
}

function encoded(message: ConsumeResponse['message']): Buffer {
  return Buffer.from(ConsumeResponse.encode({ message }).finish());
}

describe('decoding a ConsumeResponse', () => {
  it('returns what the generated decoder returns', () => {
    fc.assert(
      fc.property(fc.array(delivery, { maxLength: 10 }), (deliveries) => {
        expectSame(encoded({ $case: 'deliveries', value: { deliveries } }));
      }),
    );
    expectSame(encoded({ $case: 'paused', value: 'by ann' }));
  });

  it('returns what the generated decoder returns for damaged responses', () => {
    fc.assert(
      fc.property(delivery, fc.nat(), fc.nat(255), fc.boolean(), (one, at, byte, isCut) => {
        const bytes = encoded({ $case: 'deliveries', value: { deliveries: [one] } });
        if (isCut) {
          expectSame(bytes.subarray(0, at % bytes.length));
          return;
        }
        bytes[at % bytes.length] = byte;
        expectSame(bytes);
      }),
    );
  });
});
