import { expect } from 'chai';
import fc from 'fast-check';
import { EntryCounter } from '../../bench/loads/entry-counter.js';
import { Entry, ReadResponse } from '../../protos/gen/foghorn/v1/history.js';
import { frame } from '../support/raw-http2.js';

/** A response with a batch of entries whose topics have these lengths. */
function batch(topicLengths: readonly number[], keptExits: boolean): ReadResponse {
  const entries = topicLengths.map((length) => Entry.fromPartial({ topic: 'x'.repeat(length) }));
  return { message: { $case: 'entries', value: { entries, keptExits } } };
}

const RESPONSES_WITHOUT_ENTRIES: readonly ReadResponse[] = [
  { message: { $case: 'caughtUp', value: { cursor: 'c' } } },
  { message: { $case: 'progress', value: { cursor: 'c'.repeat(200) } } },
  { message: undefined },
];

describe('the entry counter of the bench', () => {
  it('counts each entry once, wherever the bytes are cut', () => {
    const entries = fc.array(fc.nat(300), { minLength: 1, maxLength: 20 });
    const batches = fc.tuple(entries, fc.boolean()).map(([each, kept]) => batch(each, kept));
    const responses = fc.array(fc.oneof(batches, fc.constantFrom(...RESPONSES_WITHOUT_ENTRIES)), {
      maxLength: 10,
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(responses, cuts, (sent, pieces) => {
        const messages = sent.map((each) => frame(ReadResponse.encode(each).finish()));
        const bytes = Buffer.concat(messages);
        const counter = new EntryCounter();
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const end = at + pieces[index % pieces.length]!;
          counter.push(bytes.subarray(at, end));
          at = end;
        }
        const expected = sent.map(({ message }) =>
          message?.$case === 'entries' ? message.value.entries.length : 0,
        );
        expect(counter.count).to.equal(expected.reduce((sum, each) => sum + each, 0));
      }),
    );
  });
});
