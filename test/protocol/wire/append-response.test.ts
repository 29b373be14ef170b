import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../../protocol/errors.js';
import { AppendResponse, type AppendResult } from '../../../protos/gen/foghorn/v1/history.js';
import type { Appended } from '../../../server/broker/append.js';
import { CursorWriter } from '../../../server/events/cursor.js';
import { encodeAppendResponse } from '../../../protocol/wire/append-response.js';
import { runs } from '../../support/property-runs.js';

const cursors = new CursorWriter('0123456789abcdef');

function message(result: Appended | FoghornError): AppendResult {
  if (result instanceof FoghornError) {
    return {
      result: { $case: 'error', value: { code: result.grpcStatus, message: result.message } },
    };
  }
  const cursor = cursors.cursor(result.offset, result.fingerprint);
  return { result: { $case: 'appended', value: { cursor, duplicate: result.duplicate } } };
}

describe('encoding an AppendResponse', () => {
  const place = fc.record({
    offset: fc.nat(2 ** 48 - 1),
    fingerprint: fc.nat(2 ** 32 - 1),
    duplicate: fc.boolean(),
  });
  const refusal = fc.string().map((text) => new FoghornError('INVALID_ARGUMENT', text));

  it('produces the same bytes as the generated encoder', () => {
    const results = fc.oneof(fc.array(place), fc.array(fc.oneof(place, refusal)));
    fc.assert(
      fc.property(results, (list) => {
        const expected = AppendResponse.encode({ results: list.map(message) }).finish();
        const actual = encodeAppendResponse({ results: list, cursors });
        expect(actual.toString('hex')).to.equal(Buffer.from(expected).toString('hex'));
      }),
      runs(1000),
    );
  });

  it('cuts the texts of many refusals, so that the response fits into a message', () => {
    const results = Array.from({ length: 65_536 }, (_, n) =>
      FoghornError.refusal('INVALID_ARGUMENT', `${n}${'€'.repeat(2000)}`),
    );
    const bytes = encodeAppendResponse({ results, cursors });
    expect(bytes.length).to.be.lessThan(16 * 1024 * 1024);
    const { results: decoded } = AppendResponse.decode(bytes);
    expect(decoded).to.have.lengthOf(65_536);
    expect(decoded[0]).to.deep.equal(message(results[0]!));
  });
});
