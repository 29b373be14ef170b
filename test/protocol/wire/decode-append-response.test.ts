import { expect } from 'chai';
import fc from 'fast-check';
import { decodeAppendResponse } from '../../../protocol/wire/append-response.js';
import { FoghornError } from '../../../client/index.js';
import { outcomeOf } from '../../../protocol/wire/append-response.js';
import type { AppendOutcome } from '../../../protocol/wire/append-response.js';
import { AppendResponse } from '../../../protos/gen/foghorn/v1/history.js';
import type { AppendResult } from '../../../protos/gen/foghorn/v1/history.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

function plain(outcomes: readonly AppendOutcome[]): unknown[] {
  return outcomes.map((outcome) =>
    outcome instanceof FoghornError ? [outcome.code, outcome.message] : outcome,
  );
}

describe('decoding an AppendResponse', () => {
  const cursor = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: anyCharacter }));
  const appended = fc
    .record({ cursor, duplicate: fc.boolean() })
    .map((value): AppendResult => ({ result: { $case: 'appended', value } }));
  const refused = fc
    .record({ code: fc.nat(16), message: fc.string() })
    .map((value): AppendResult => ({ result: { $case: 'error', value } }));
  const nothing = fc.constant<AppendResult>({ result: undefined });
  const result = fc.oneof({ weight: 8, arbitrary: appended }, refused, nothing);

  it('returns what the generated decoder returns', () => {
    fc.assert(
      fc.property(fc.array(result), (results) => {
        const bytes = Buffer.from(AppendResponse.encode({ results }).finish());
        expect(plain(decodeAppendResponse(bytes))).to.deep.equal(plain(results.map(outcomeOf)));
      }),
      runs(1000),
    );
  });

  it('agrees with the generated decoder on any bytes', () => {
    const byte = fc.oneof(fc.constantFrom(0x0a, 0x10, 1, 2, 4, 6), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (values) => {
        const bytes = Buffer.from(values);
        let expected: unknown;
        try {
          expected = plain(AppendResponse.decode(bytes).results.map(outcomeOf));
        } catch {
          expect(() => decodeAppendResponse(bytes)).to.throw();
          return;
        }
        expect(plain(decodeAppendResponse(bytes))).to.deep.equal(expected);
      }),
      runs(20_000),
    );
  });
});
