import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { goFormatWithoutArguments, goQuote } from '../../../server/events/go-text.js';

interface QuoteCase {
  input: string;
  quoted: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/identifiers.json', import.meta.url), 'utf8'),
) as { goQuote: QuoteCase[] };

/** Printed by Go 1.19: fmt.Sprintf(format). */
const SPRINTF: [format: string, text: string][] = [
  ['', ''],
  ['plain', 'plain'],
  ['a%20b', 'a%!b(MISSING)'],
  ['%2F', '%!F(MISSING)'],
  ['%%', '%'],
  ['100%', '100%!(NOVERB)'],
  ['%', '%!(NOVERB)'],
  ['a%', 'a%!(NOVERB)'],
  ['%é', '%!é(MISSING)'],
  ['%😀', '%!😀(MISSING)'],
  ['% ', '%!(NOVERB)'],
  ['%+d', '%!d(MISSING)'],
  ['%-05d', '%!d(MISSING)'],
  ['%#v', '%!v(MISSING)'],
  ['%5.2f', '%!f(MISSING)'],
  ['%5.f', '%!f(MISSING)'],
  ['%.', '%!.(MISSING)'],
  ['%.x', '%!x(MISSING)'],
  ['%5.', '%!.(MISSING)'],
  ['%*d', '%!(BADWIDTH)%!d(MISSING)'],
  ['%.*d', '%!(BADPREC)%!d(MISSING)'],
  ['%*.*d', '%!(BADWIDTH)%!(BADPREC)%!d(MISSING)'],
  ['%-*d', '%!(BADWIDTH)%!d(MISSING)'],
  ['%[1]d', '%!d(BADINDEX)'],
  ['%[2]', '%!(NOVERB)'],
  ['%[', '%!(NOVERB)'],
  ['%[]', '%!](BADINDEX)'],
  ['%[]d', '%!d(BADINDEX)'],
  ['%[x]d', '%!d(BADINDEX)'],
  ['%[1', '%!(NOVERB)'],
  ['%[1]*d', '%!(BADWIDTH)%!d(BADINDEX)'],
  ['%[1]*[2]d', '%!(BADWIDTH)%!d(BADINDEX)'],
  ['%.[1]d', '%!d(BADINDEX)'],
  ['%.[1]*[2]d', '%!(BADPREC)%!d(BADINDEX)'],
  ['%[1]%', '%'],
  ['%[1].2d', '%!d(BADINDEX)'],
  ['%10000000d', '%!d(MISSING)'],
  ['%10000001d', '%!d(MISSING)'],
  ['%99999999d', '%!(NOVERB)'],
  ['%[99999999]d', '%!d(BADINDEX)'],
  ['%.99999999d', '%!(NOVERB)'],
  ['%[1][2]d', '%![(BADINDEX)2]d'],
  ['%!', '%!!(MISSING)'],
  ['%d %s', '%!d(MISSING) %!s(MISSING)'],
  ['a%20b%2Fc', 'a%!b(MISSING)%!F(MISSING)c'],
  ['%\n', '%!\n(MISSING)'],
  ['%%%d', '%%!d(MISSING)'],
  ['%v%%', '%!v(MISSING)%'],
  ['%.%', '%'],
  ['%5%', '%'],
  ['%[a%d', '%!a(BADINDEX)%!d(MISSING)'],
];

describe('goQuote', () => {
  for (const { input, quoted } of vectors.goQuote) {
    it(`quotes ${quoted}`, () => {
      expect(goQuote(input)).to.equal(quoted);
    });
  }

  it('shows half of a surrogate pair as the replacement character', () => {
    expect(goQuote('a\ud800b')).to.equal('"a\ufffdb"');
  });
});

describe('goFormatWithoutArguments', () => {
  for (const [format, text] of SPRINTF) {
    it(`makes ${JSON.stringify(text)} of ${JSON.stringify(format)}`, () => {
      expect(goFormatWithoutArguments(format)).to.equal(text);
    });
  }
});
