import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../../../protocol/errors.js';
import { MAX_MESSAGE_BYTES } from '../../../../protocol/limits.js';
import { MessageReader } from '../../../../server/grpc/unary/unary-call.js';
import { frame } from '../../../support/raw-http2.js';

describe('MessageReader', () => {
  it('finds the messages in any pieces', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(messages, cuts, fc.nat(4), (sent, sizes, torn) => {
        const whole = Buffer.concat(sent.map(frame));
        const bytes = Buffer.concat([whole, frame(new Uint8Array(9)).subarray(0, torn)]);
        const reader = new MessageReader();
        const got: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const end = at + sizes[turn % sizes.length]!;
          got.push(...reader.push(bytes.subarray(at, end)));
          at = end;
        }
        expect(got.map(String)).to.deep.equal(sent.map((each) => String(Buffer.from(each))));
      }),
    );
  });

  it('does not copy a message that arrives in one piece', () => {
    const bytes = frame(Buffer.from('abc'));
    const [message] = new MessageReader().push(bytes);
    expect(message!.buffer).to.equal(bytes.buffer);
    expect(String(message)).to.equal('abc');
  });

  it('accepts the largest message, and refuses a larger one by its prefix', () => {
    const largest = frame(new Uint8Array(MAX_MESSAGE_BYTES));
    const reader = new MessageReader();
    expect(reader.push(largest.subarray(0, 1000))).to.deep.equal([]);
    expect(reader.push(largest.subarray(1000))).to.have.lengthOf(1);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(MAX_MESSAGE_BYTES + 1, 1);
    expect(() => reader.push(prefix))
      .to.throw(FoghornError, 'Received message larger than max (16777217 vs 16777216)')
      .with.property('code', 'RESOURCE_EXHAUSTED');
  });
});
