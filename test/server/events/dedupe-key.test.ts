import { expect } from 'chai';
import fc from 'fast-check';
import {
  forwardedKey,
  MAX_PUBLISH_ID_BYTES,
  publishedKey,
} from '../../../server/events/dedupe-key.js';

/** From the year 1 to the year 9999. */
const time = fc.bigInt(-62_135_596_800n * 10n ** 9n, 253_402_300_800n * 10n ** 9n);
const bytes = fc.uint8Array({ maxLength: 20 });

describe('the dedupe key of a forwarded envelope', () => {
  it('is equal for equal envelopes only', () => {
    fc.assert(
      fc.property(time, bytes, time, bytes, (timeA, bytesA, timeB, bytesB) => {
        const isSame = timeA === timeB && Buffer.compare(bytesA, bytesB) === 0;
        const equal = forwardedKey(timeA, bytesA).equals(forwardedKey(timeB, bytesB));
        expect(equal).to.equal(isSame);
        expect(forwardedKey(timeA, bytesA).equals(forwardedKey(timeA, bytesA.slice()))).to.equal(
          true,
        );
      }),
    );
  });

  it('differs for one nanosecond or one bit', () => {
    const key = forwardedKey(5n, Buffer.of(1, 2));
    expect(key.equals(forwardedKey(6n, Buffer.of(1, 2)))).to.equal(false);
    expect(key.equals(forwardedKey(5n, Buffer.of(1, 3)))).to.equal(false);
  });

  it('sorts by time, before 1970 too', () => {
    fc.assert(
      fc.property(time, time, bytes, (a, b, payload) => {
        fc.pre(a !== b);
        const order = Buffer.compare(forwardedKey(a, payload), forwardedKey(b, payload));
        expect(order).to.equal(a < b ? -1 : 1);
      }),
    );
  });
});

describe('the dedupe key of a publication', () => {
  const id = fc.stringMatching(/^[^\0]{1,16}$/).map((text) => Buffer.from(text));
  const namespace = fc.stringMatching(/^[a-z0-9]{1,20}$/);

  it('is equal for the same id and namespace only', () => {
    fc.assert(
      fc.property(id, namespace, id, namespace, (idA, spaceA, idB, spaceB) => {
        const isSame = idA.equals(idB) && spaceA === spaceB;
        expect(publishedKey(idA, spaceA).equals(publishedKey(idB, spaceB))).to.equal(isSame);
      }),
    );
  });

  it('separates the id from the namespace', () => {
    expect(
      publishedKey(Buffer.from('ab'), 'c').equals(publishedKey(Buffer.from('a'), 'bc')),
    ).to.equal(false);
  });

  it('never equals that of a forwarded envelope', () => {
    fc.assert(
      fc.property(time, bytes, id, namespace, (when, payload, publishId, space) => {
        expect(forwardedKey(when, payload)[0]).to.not.equal(publishedKey(publishId, space)[0]);
      }),
    );
  });

  it('fits the limit of stores, even the longest', () => {
    const longest = publishedKey(Buffer.alloc(MAX_PUBLISH_ID_BYTES, 'x'), 'n'.repeat(76));
    expect(longest).to.have.lengthOf.at.most(160);
  });
});
