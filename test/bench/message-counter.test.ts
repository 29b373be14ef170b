import { expect } from 'chai';
import fc from 'fast-check';
import { MessageCounter } from '../../bench/loads/message-counter.js';
import { frame } from '../support/raw-http2.js';

describe('the counter of gRPC messages', () => {
  it('counts each message once, wherever the bytes are cut', () => {
    const lengths = fc.array(fc.nat(600), { maxLength: 20 });
    const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, cuts, (sizes, pieces) => {
        const bytes = Buffer.concat(sizes.map((size) => frame(Buffer.alloc(size, 0xff))));
        const counter = new MessageCounter();
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const end = at + pieces[index % pieces.length]!;
          counter.push(bytes.subarray(at, end));
          at = end;
        }
        expect(counter.count).to.equal(sizes.length);
      }),
    );
  });

  it('does not count an incomplete message', () => {
    const counter = new MessageCounter();
    const bytes = frame(Buffer.alloc(300));
    counter.push(bytes.subarray(0, -1));
    expect(counter.count).to.equal(0);
    counter.push(bytes.subarray(-1));
    expect(counter.count).to.equal(1);
  });
});
