import { expect } from 'chai';

import { FilterError, Operator, parseFilter, parseFilters } from '../../../server/filter/index.js';
import { lookupIn } from './adaptors.js';
import { casesOf, type MatchCase, objectsOf } from './cases.js';

/** RE2's reason as quoted in the case file; re2js words the one for a look-behind differently. */
function reasonIn({ name, note }: MatchCase): string {
  const quoted = /\((error parsing regexp: .*)\): not an error for the caller/.exec(note!);
  return quoted === null || name.includes('(?<=') ? 'error parsing regexp: ' : quoted[1]!;
}

function compile({ filter, filters }: MatchCase) {
  return filter === undefined ? parseFilters(filters!) : parseFilter(filter);
}

describe('filter matching', () => {
  for (const each of casesOf('match')) {
    // containerd accepts a pattern that does not compile and never matches; Foghorn rejects it.
    const isInvalidPattern = each.note?.includes('does not compile') ?? false;

    it(each.name, () => {
      if (isInvalidPattern) {
        expect(() => compile(each)).to.throw(FilterError, reasonIn(each));
      } else if (each.error) {
        const suffix = each.filters === undefined ? '' : ': invalid argument';
        const message = each.errorMessage! + suffix;
        expect(() => compile(each))
          .to.throw(FilterError)
          .with.property('message', message);
      } else {
        const filter = compile(each);
        const matching = objectsOf(each).flatMap((object, index) =>
          filter.matches(lookupIn(object, each)) ? index : [],
        );
        expect(matching).to.deep.equal(each.expect);
      }
    });
  }

  it('has the expected number of cases for each adaptor and of patterns that do not compile', () => {
    const count = (test: (each: MatchCase) => boolean) => casesOf('match').filter(test).length;
    expect(count(({ adaptor }) => adaptor === 'envelope')).to.equal(89);
    expect(count(({ adaptor }) => adaptor === 'record')).to.equal(51);
    expect(count(({ adaptor }) => adaptor === 'flat')).to.equal(15);
    expect(count(({ note }) => note?.includes('does not compile') ?? false)).to.equal(19);
  });

  it('treats a value that is not UTF-8 as equal to no field', () => {
    expect(parseFilter('a=="\\xff"').matches(() => '\uFFFD')).to.be.false;
    expect(parseFilter('a=="\\xff"').matches(() => undefined)).to.be.false;
    expect(parseFilter('a!="\\xff"').matches(() => '\uFFFD')).to.be.true;
    expect(parseFilter('a!="\\xff"').matches(() => undefined)).to.be.true;
  });

  it('finds no field for a path that is not UTF-8', () => {
    const labels = new Map([['\uFFFD', 'x']]);
    const field = ([key]: readonly string[]) => labels.get(key!);
    expect(parseFilter('"\\xff"').matches(field)).to.be.false;
    expect(parseFilter('"\\u00ff"').matches(field)).to.be.false;
    expect(parseFilter('"\\ud800"').matches(field)).to.be.true;
  });

  it('looks up no further field once the result is known', () => {
    const asked: string[] = [];
    const field = ([name]: readonly string[]) => (asked.push(name!), 'x');
    parseFilters(['a==x,b==y,c==x', 'd==x', 'e==x']).matches(field);
    expect(asked).to.deep.equal(['a', 'b', 'd']);
  });

  it('keeps a byte order mark in a value', () => {
    expect(parseFilter('a=="\\ufeffx"').matches(() => '\uFEFFx')).to.be.true;
    expect(parseFilter('a=="\\ufeffx"').matches(() => 'x')).to.be.false;
  });
});

describe('filter operators', () => {
  for (const { name, operator, expect: text } of casesOf('operatorString')) {
    it(name, () => {
      expect(Operator[operator]).to.equal(text);
    });
  }
});
