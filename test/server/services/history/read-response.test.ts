import { expect } from 'chai';
import { ReadResponse } from '../../../../protos/gen/foghorn/v1/history.js';
import {
  ReadResponses,
  type EncodedMessage,
} from '../../../../server/services/history/read-response.js';

/** An entry of some bytes. */
function entry(id: number, size = 100) {
  const bytes = Buffer.alloc(size, id);
  return {
    wireBytes: size,
    writeWire(into: Uint8Array, at: number) {
      into.set(bytes, at);
    },
  };
}
type Entry = ReturnType<typeof entry>;

function message(entries: readonly Entry[], keptExits = false): EncodedMessage {
  return { kind: 'entries', entries, keptExits };
}

describe('responses of Read', () => {
  let responses: ReadResponses;
  const [a, b, c] = [entry(1), entry(2), entry(3)];

  beforeEach(() => {
    responses = new ReadResponses();
  });

  it('encodes a batch once for a hundred readers of the same entries', () => {
    const [first] = responses.encode(message([a, b, c]));
    for (let reader = 0; reader < 100; reader++) {
      const [again] = responses.encode(message([a, b, c]));
      expect(again).to.equal(first);
    }
  });

  it('shares nothing between readers of other entries', () => {
    const messages = [
      message([a, b]),
      message([a, c]),
      message([b, a]),
      message([a]),
      message([a, b, c]),
      message([a, b, c], true),
      message([entry(1), b, c]),
    ];
    for (const one of messages) {
      const alone = new ReadResponses().encode(one);
      expect(responses.encode(one)).to.deep.equal(alone);
    }
  });

  it('shares all batches of a message that fills more than one', () => {
    const large = [entry(1, 700_000), entry(2, 700_000)];
    const batches = responses.encode(message(large));
    expect(batches).to.have.lengthOf(2);
    expect(responses.encode(message(large))).to.equal(batches);
  });

  it('remembers no more than two batches', () => {
    const large = [entry(1, 3_000_000)];
    expect(responses.encode(message(large))).to.not.equal(responses.encode(message(large)));
  });

  it('encodes a large entry once for readers that have it in different messages', () => {
    const large = entry(1, 3_000_000);
    const [first] = responses.encode(message([large]));
    responses.encode(message([entry(2, 3_000_000)]));
    const [, again] = responses.encode(message([a, large]));
    expect(again).to.equal(first);
    const [kept] = responses.encode(message([large], true));
    expect(kept).to.not.equal(first);
  });

  it('encodes a message without entries by itself', () => {
    responses.encode(message([a]));
    const [encoded] = responses.encode({ kind: 'caught up', cursor: 'x' });
    expect(ReadResponse.decode(encoded!).message).to.deep.equal({
      $case: 'caughtUp',
      value: { cursor: 'x' },
    });
  });
});
