import { expect } from 'chai';

import { FilterError, Operator, parseFilter } from '../../../server/filter/index.js';

/** The filter `x~="…"` with the pattern quoted. */
function search(pattern: string) {
  const escaped = pattern.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return parseFilter(`x~="${escaped}"`);
}

function finds(pattern: string, text: string): boolean {
  return search(pattern).matches(() => text);
}

describe('filter patterns', () => {
  const FOUND: [pattern: string, text: string][] = [
    ['bc', 'abcd'],
    ['^a$', 'a'],
    ['(?m)^b$', 'a\nb'],
    ['(?s)a.b', 'a\nb'],
    ['(?P<n>a)b', 'ab'],
    ['(?<n>a)b', 'ab'],
    ['a{1000}', 'a'.repeat(1000)],
    ['a{x', 'a{x'],
    ['}]', '}]'],
    ['[]a]', ']'],
    ['(?i)straße', 'STRAßE'],
    ['(?U)a+', 'aa'],
    ['[[:word:]]', '_'],
    ['\\p{Greek}', 'λ'],
    ['^.$', '😀'],
    ['\\x{1F600}', '😀'],
    ['\\Qa.b', 'a.b'],
    ['a||b', ''],
    ['\\x41\\102', 'AB'],
  ];
  for (const [pattern, text] of FOUND) {
    it(`${pattern.slice(0, 20)} is found in ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(finds(pattern, text)).to.be.true;
    });
  }

  const NOT_FOUND: [pattern: string, text: string][] = [
    ['^a$', 'a\n'],
    ['^b', 'a\nb'],
    ['a.b', 'a\nb'],
    ['\\d', '٣'],
    ['\\w', 'é'],
    ['\\s', '\u00a0'],
    ['\\s', '\v'],
    ['\\bé', ' é'],
    ['abc', 'ABC'],
    ['[[:alpha:]]', 'é'],
  ];
  for (const [pattern, text] of NOT_FOUND) {
    it(`${pattern} is not found in ${JSON.stringify(text)}`, () => {
      expect(finds(pattern, text)).to.be.false;
    });
  }

  it('reports a pattern that does not compile at its position, with the reason', () => {
    expect(() => parseFilter('a==b,c~=|[|'))
      .to.throw(FilterError)
      .that.includes({
        offset: 8,
        message:
          'filters: parse error: [a==b,c~= >|||< [|]: error parsing regexp: missing closing ]: `[`',
      });
  });

  it('reports a syntax error rather than an earlier pattern that does not compile', () => {
    expect(() => parseFilter('a~="[",b=')).to.throw(FilterError, 'unsupported operator "="');
  });

  it('rejects a pattern that is not UTF-8', () => {
    const message = 'error parsing regexp: invalid UTF-8: `\uFFFD`';
    expect(() => parseFilter('a~="\\xff"')).to.throw(FilterError, message);
  });

  it('matches patterns in linear time that would make a backtracking engine explode', () => {
    const text = 'x'.repeat(20_000);
    for (const pattern of [
      '(x+x+)+y',
      '(x|x)*y$',
      '(x*)*y',
      '(?:x?){30}x{30}y',
      '^(([x])+.)+[X]$',
    ]) {
      const filter = search(pattern);
      const start = performance.now();
      expect(filter.matches(() => text)).to.be.false;
      expect(performance.now() - start, pattern).to.be.below(20_000);
    }
  });

  it('finds the end of a value of 100 KB, and nothing that is not there', () => {
    const text = `${'x'.repeat(100_000)}end`;
    const found = ['end$', 'x{1000}end', '(x*)*end', '^x+e'].map((pattern) => finds(pattern, text));
    expect(found).to.deep.equal([true, true, true, true]);
    const missed = ['end.', 'y', '^end', '(x+x+)+y'].map((pattern) => finds(pattern, text));
    expect(missed).to.deep.equal([false, false, false, false]);
  }).timeout(60_000);

  it('compiles a pattern once for all filters that use it', () => {
    const [one] = search('^/tasks/').selectors;
    const [other] = search('^/tasks/').selectors;
    if (one?.operator !== Operator.matches || other?.operator !== Operator.matches) expect.fail();
    expect(one.pattern).to.equal(other.pattern);
  });
});
