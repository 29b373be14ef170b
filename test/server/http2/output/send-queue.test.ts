import fc from 'fast-check';
import { expect } from 'chai';
import { SendQueue } from '../../../../server/http2/output/send-queue.js';

describe('send queue', () => {
  it('moves the bytes that were pushed, in order, whatever the sizes', () => {
    const step = fc.oneof(
      fc.record({ push: fc.uint8Array({ maxLength: 20 }) }),
      fc.record({ move: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new SendQueue();
        let expected = Buffer.alloc(0);
        for (const one of steps) {
          if ('push' in one) {
            queue.push(one.push);
            expected = Buffer.concat([expected, one.push]);
          } else {
            const count = Math.min(one.move, queue.length);
            const moved = Buffer.alloc(count + 2);
            queue.moveTo(moved, 1, count);
            expect(moved.subarray(1, count + 1).equals(expected.subarray(0, count))).to.equal(true);
            expected = expected.subarray(count);
          }
          expect(queue.length).to.equal(expected.length);
        }
      }),
    );
  });

  it('refuses to move more than it has', () => {
    const queue = new SendQueue();
    queue.push(Buffer.from('abc'));
    expect(() => {
      queue.moveTo(Buffer.alloc(10), 0, 4);
    }).to.throw(RangeError, '1 bytes more than the queue has');
  });
});
