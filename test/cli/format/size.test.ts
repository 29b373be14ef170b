import { expect } from 'chai';
import { parseSize, sizeText } from '../../../cli/format/size.js';

describe('parseSize', () => {
  const sizes: [string, number][] = [
    ['1', 1],
    ['4096 bytes', 4096],
    ['10KB', 10_000],
    ['10KiB', 10_240],
    ['512mib', 512 * 1024 ** 2],
    ['1.5 GiB', 1.5 * 1024 ** 3],
    ['2GB', 2_000_000_000],
    ['3TiB', 3 * 1024 ** 4],
    ['3TB', 3_000_000_000_000],
  ];
  for (const [text, bytes] of sizes) {
    it(`reads ${text}`, () => {
      expect(parseSize(text)).to.equal(bytes);
    });
  }

  for (const text of ['', '0', '-1', '1G', '1constructor', 'GiB', '0.5', '1e9', '9999999TiB']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseSize(text))
        .to.throw(/expected a size such as 512MiB/)
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }
});

describe('sizeText', () => {
  it('formats bytes as a number and larger sizes in units of 1024', () => {
    expect([1023n, 1024n, 1n << 30n, 1n << 52n].map(sizeText)).to.deep.equal([
      '1023 bytes',
      '1.0 KiB',
      '1.0 GiB',
      '4096.0 TiB',
    ]);
  });
});
