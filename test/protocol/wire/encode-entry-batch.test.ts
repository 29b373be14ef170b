import { expect } from 'chai';
import fc from 'fast-check';
import { OpaqueReadResponse } from '../../../protos/gen/foghorn/v1/envelope.js';
import { encodeEntryBatch } from '../../../protocol/wire/read-response.js';

function expectSame(entries: readonly Uint8Array[], keptExits: boolean): void {
  const expected = OpaqueReadResponse.encode({
    entries: { entries: [...entries], keptExits },
  }).finish();
  const encoded = entries.map((wire) => ({
    wireBytes: wire.length,
    writeWire(into: Uint8Array, at: number) {
      into.set(wire, at);
    },
  }));
  const actual = encodeEntryBatch(encoded, keptExits);
  expect(actual.equals(expected)).equal(true);
}

describe('encoding a batch of entries', () => {
  it('produces the same bytes as the generated encoder', () => {
    const entry = fc.uint8Array({ maxLength: 300 });
    fc.assert(fc.property(fc.array(entry, { maxLength: 80 }), fc.boolean(), expectSame));
  });

  it('produces the same bytes at the limits of sizes', () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      for (const keptExits of [false, true]) expectSame([Buffer.alloc(length, 7)], keptExits);
    }
  });
});
