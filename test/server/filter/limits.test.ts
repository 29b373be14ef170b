import { expect } from 'chai';
import fc from 'fast-check';
import { RE2JS, RE2JSException } from 're2js';

import { FilterError, parseFilter, parseFilters } from '../../../server/filter/index.js';
import { estimateProgramSize } from '../../../server/filter/program-size.js';
import { runs } from '../../support/property-runs.js';

describe('filter limits', () => {
  it('accept a source of up to 64 KiB', () => {
    const longest = `a==${'x'.repeat(65_533)}`;
    expect(parseFilter(longest).selectors).to.have.length(1);
    const message = 'filters: filter is 65537 bytes long, the limit is 65536';
    expect(() => parseFilter(`${longest}x`))
      .to.throw(FilterError)
      .with.property('message', message);
  });

  it('accept up to 64 selectors in one filter', () => {
    const selectors = (count: number) => Array.from({ length: count }, (_, i) => `a${i}`).join(',');
    expect(parseFilter(selectors(64)).selectors).to.have.length(64);
    const message = '>|a|< 64,a65]: 66 selectors in one filter, the limit is 64';
    expect(() => parseFilter(selectors(66))).to.throw(FilterError, message);
  });

  it('accept up to 64 filters in one subscription', () => {
    const filters = (count: number) => Array<string>(count).fill('a');
    expect(parseFilters(filters(64)).filters).to.have.length(64);
    const message = 'filters: 65 filters in one subscription, the limit is 64: invalid argument';
    expect(() => parseFilters(filters(65)))
      .to.throw(FilterError)
      .with.property('message', message);
  });

  it('accept a pattern of up to 1024 bytes', () => {
    const pattern = 'é'.repeat(512);
    expect(parseFilter(`a~=${pattern}`).selectors).to.have.length(1);
    const message = 'pattern is 1025 bytes long, the limit is 1024';
    expect(() => parseFilter(`a~=${pattern}x`)).to.throw(FilterError, message);
  });

  it('accept up to 8 KiB of distinct patterns in one subscription', () => {
    const patterns = (count: number) =>
      Array.from({ length: count }, (_, i) => `a~=${i}${'x'.repeat(1023)}`);
    expect(parseFilters([...patterns(8), ...patterns(8)]).filters).to.have.length(16);
    const message = 'all patterns of one subscription are 9216 bytes long, the limit is 8192';
    expect(() => parseFilters(patterns(9))).to.throw(FilterError, message);
  });

  it('reject a program of more than 2048 instructions before compiling it', () => {
    const HUGE_PATTERNS = [
      '(((a{100}){100}){100})',
      `(?:${'a?'.repeat(490)}){1000}`,
      `((?:${'a?'.repeat(480)}){1,30}){30}`,
      '[a-z]{1000}'.repeat(90),
      `${'a'.repeat(900)}{1000}{1000}{1000}`,
      '(?:ab){30}(?i){30}(?i){2}',
    ];
    for (const pattern of HUGE_PATTERNS) {
      const start = performance.now();
      const message = /pattern needs \d+ instructions, the limit is 2048/;
      expect(() => parseFilter(`a~="${pattern}"`), pattern).to.throw(FilterError, message);
      expect(performance.now() - start, pattern).to.be.below(5000);
    }
  });

  it('accept up to 16,384 instructions of distinct patterns in one subscription', () => {
    const patterns = (count: number) => Array.from({ length: count }, (_, i) => `a~="${i}.{1000}"`);
    expect(parseFilters([...patterns(16), ...patterns(16)]).filters).to.have.length(32);
    const message = /all patterns of one subscription need \d+ instructions, the limit is 16384/;
    expect(() => parseFilters(patterns(17))).to.throw(FilterError, message);
  });

  it('accept long patterns that compile to small programs', () => {
    const id = '[0-9a-f]{64}';
    for (const pattern of [
      `^(${id}|${id}|${id})$`,
      '(?:ab|cd){300}',
      '(?:[^/]+/){3}[a-z0-9-]{1,253}',
    ]) {
      expect(parseFilter(`a~="${pattern}"`).selectors, pattern).to.have.length(1);
    }
  });
});

describe('estimate of the program size', () => {
  const ATOMS = [
    'a',
    'k',
    '.',
    '^',
    '$',
    '',
    '😀',
    '}',
    ']',
    '{',
    '{,2}',
    '{02}',
    '(?i)',
    '\\Q\\E',
  ];
  const ESCAPES = ['\\d', '\\pN', '\\p{Greek}', '\\x41', '\\x{41}', '\\07', '\\123', '\\(', '\\b'];
  const QUOTED = ['\\Qa(b{3}\\E', '\\Qab', '[a-z]', '[^]a]', '[]a{9}]', '[[:alpha:]x]', '[\\]{9}]'];
  const GROUPS = ['(', '(?:', '(?i:', '(?im-s:', '(?P<n>', '(?<m>'];
  const REPEATS = [
    '',
    '',
    '*',
    '+',
    '?',
    '*?',
    '{0}',
    '{1}',
    '{2}',
    '{3,}',
    '{0,}',
    '{2,5}',
    '{30}',
  ];

  const { pattern } = fc.letrec<{ atom: string; piece: string; pattern: string }>((tie) => ({
    atom: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(...ATOMS, ...ESCAPES, ...QUOTED),
      fc
        .tuple(fc.constantFrom(...GROUPS), tie('pattern'))
        .map(([open, inner]) => `${open}${inner})`),
    ),
    piece: fc.tuple(tie('atom'), fc.constantFrom(...REPEATS)).map((parts) => parts.join('')),
    pattern: fc
      .tuple(fc.array(tie('piece'), { maxLength: 5 }), fc.constantFrom('', '', '|'))
      .map(([pieces, separator]) => pieces.join(separator)),
  }));

  it('is never below the true size, so that the limit cannot be evaded', () => {
    const cases = runs(2_000);
    let compiled = 0;
    fc.assert(
      fc.property(pattern, (text) => {
        const estimate = estimateProgramSize(text);
        fc.pre(estimate < 20_000);
        const size = compiledSize(text);
        compiled += size === undefined ? 0 : 1;
        return size === undefined || size <= estimate;
      }),
      cases,
    );
    expect(compiled).to.be.above(cases.numRuns / 4);
  });

  it('counts the operand of a repetition across a flag or an empty quotation', () => {
    for (const text of [
      '(?:ab)*(?i){90}',
      'a?(?i){90}',
      '[^\\]]{9}\\Q\\E{90}',
      '(|a){0,90}',
      '\\b{0,}',
    ]) {
      const size = compiledSize(text);
      expect(size, text).to.be.a('number');
      expect(estimateProgramSize(text), text).to.be.within(size!, 2 * size!);
    }
  });

  function compiledSize(text: string): number | undefined {
    try {
      return RE2JS.compile(text).programSize();
    } catch (error) {
      if (error instanceof RE2JSException) return undefined;
      throw error;
    }
  }
});
