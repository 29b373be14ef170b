import { expect } from 'chai';
import fc from 'fast-check';
import { OpaqueEnvelope } from '../../../protos/gen/foghorn/v1/envelope.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import { encodeEnvelope } from '../../../protocol/wire/envelope.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

const YEAR_1 = -62_135_596_800n * 1_000_000_000n;
const YEAR_9999 = 253_402_300_799n * 1_000_000_000n;

function expectSame(time: bigint, namespace: string, topic: string, event?: Uint8Array): void {
  const timestamp = timestampFromNanos(time);
  const expected = OpaqueEnvelope.encode({ timestamp, namespace, topic, event }).finish();
  const actual = encodeEnvelope(time, namespace, topic, event);
  expect(actual.toString('hex')).equal(Buffer.from(expected).toString('hex'));
}

describe('encoding an envelope', () => {
  const time = fc.bigInt({ min: YEAR_1, max: YEAR_9999 });
  const text = fc.string({ unit: anyCharacter, maxLength: 300 });
  const payload = fc.option(fc.uint8Array({ maxLength: 400 }), { nil: undefined });

  it('produces the same bytes as the generated encoder', () => {
    fc.assert(fc.property(time, text, text, payload, expectSame), runs(2000));
  });

  it('produces the same bytes at the limits of sizes and times', () => {
    for (const edge of [YEAR_1, -1_000_000_001n, -1n, 0n, 1n, 999_999_999n, 10n ** 9n, YEAR_9999]) {
      for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
        expectSame(edge, 'default', '/a', Buffer.alloc(length));
      }
    }
    expectSame(0n, '', '', undefined);
  });
});
