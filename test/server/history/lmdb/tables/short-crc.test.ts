import { expect } from 'chai';
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { shortCrc } from '../../../../../server/history/lmdb/tables/short-crc.js';

describe('lmdb store: the CRC-32 of a few bytes', () => {
  it('equals the CRC-32 of zlib', () => {
    const before = fc.nat(2 ** 32 - 1);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), before, (bytes, crc) => {
        const [start, end] = [Math.floor(bytes.length / 3), Math.ceil(bytes.length / 2)];
        expect(shortCrc(bytes, start, end, crc)).equal(crc32(bytes.subarray(start, end), crc));
      }),
    );
  });
});
