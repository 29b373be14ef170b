import { expect } from 'chai';
import fc from 'fast-check';
import { PrefixSet } from '../../../server/docker/prefix-set.js';

describe('PrefixSet', () => {
  it('matches the same texts as a comparison with each prefix', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '\0', 'é', '\ud83d\ude00', '\ud83d'),
    });
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (prefixes, texts) => {
        const set = new PrefixSet(prefixes);
        for (const each of [...texts, ...prefixes]) {
          const expected = prefixes.some((prefix) => each.startsWith(prefix));
          expect(set.matches(each)).to.equal(expected);
        }
      }),
    );
  });

  it('matches nothing without prefixes, and everything with the empty one', () => {
    expect(new PrefixSet([]).matches('a')).to.equal(false);
    expect(new PrefixSet(['b', '']).matches('a')).to.equal(true);
  });
});
