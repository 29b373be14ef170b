import { expect } from 'chai';

import { unquote } from '../../../server/filter/unquote.js';
import { casesOf } from './cases.js';

describe('filter unquote', () => {
  for (const { name, input, error, expect: text, expect_hex: hex } of casesOf('unquote')) {
    it(name, () => {
      const bytes = unquote(Buffer.from(input));
      const decoded = bytes && Buffer.from(bytes).toString('hex');
      expect(decoded).to.equal(error ? undefined : (hex ?? Buffer.from(text).toString('hex')));
    });
  }

  it('rejects a code point beyond Unicode', () => {
    expect(unquote(Buffer.from('"\\U00110000"'))).to.be.undefined;
  });

  it('keeps bytes that are not UTF-8 as they are', () => {
    const literal = Buffer.from([0x22, 0xe7, 0x89, 0x22]);
    expect([...unquote(literal)!]).to.deep.equal([0xe7, 0x89]);
  });
});
