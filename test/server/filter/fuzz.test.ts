import { expect } from 'chai';
import fc from 'fast-check';

import { FilterError, parseFilter, parseFilters } from '../../../server/filter/index.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

const FILTER_PIECES = [
  ...[
    'a',
    'labels',
    '0',
    '_',
    '.',
    ',',
    '==',
    '!=',
    '~=',
    '=',
    '~',
    '"',
    '/',
    '|',
    "'",
    '`',
    ' ',
    '\n',
  ],
  ...[
    '\\',
    '\\x',
    '\\u',
    '\\777',
    '\\"',
    '\0',
    '\uFFFD',
    '\uD800',
    'é',
    '牛',
    '😀',
    '\u3000',
    '\u0085',
  ],
  ...[
    '"a b"',
    '"\\xff"',
    '|^/x/|',
    '/[a-z]+/',
    '(a|b)*',
    '[',
    '(',
    ')',
    '{3}',
    '{1000}',
    '\\pL',
    '\\Q',
  ],
];
const likeAFilter = fc.array(fc.constantFrom(...FILTER_PIECES)).map((pieces) => pieces.join(''));
const source = fc.oneof(likeAFilter, fc.string({ unit: anyCharacter }));

/** Result of a parse: accepted, or the only kind of error that it may throw. */
function outcome(parse: () => unknown): 'accepted' | FilterError {
  try {
    parse();
    return 'accepted';
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}

describe('filter parser on arbitrary input', () => {
  it('accepts a string or throws a FilterError', () => {
    fc.assert(
      fc.property(source, (text) => {
        const result = outcome(() => parseFilter(text));
        if (result === 'accepted') return;
        expect(result.message).to.match(/^filters: /);
        expect(result.offset).to.be.within(0, Buffer.byteLength(text));
      }),
      runs(3_000),
    );
  });

  it('accepts bytes or throws a FilterError', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc
        .tuple(fc.constantFrom('a', 'a==', 'a~="'), fc.uint8Array(), fc.constantFrom('', '"'))
        .map(([start, middle, end]) =>
          Buffer.concat([Buffer.from(start), middle, Buffer.from(end)]),
        ),
    );
    fc.assert(
      fc.property(bytes, (each) => {
        outcome(() => parseFilter(each));
      }),
      runs(3_000),
    );
  });

  it('treats a string and its bytes alike', () => {
    fc.assert(
      fc.property(source, (text) => {
        const ofText = outcome(() => parseFilter(text));
        const ofBytes = outcome(() => parseFilter(Buffer.from(text)));
        expect(String(ofText)).to.equal(String(ofBytes));
      }),
    );
  });

  it('rejects a list with the text of its first fault and the suffix "invalid argument"', () => {
    fc.assert(
      fc.property(fc.array(source, { maxLength: 5 }), (sources) => {
        const single = sources.map((each) => outcome(() => parseFilter(each)));
        const fault = single.find((each) => each !== 'accepted');
        const list = outcome(() => parseFilters(sources));
        expect(String(list)).to.equal(fault ? `${String(fault)}: invalid argument` : 'accepted');
      }),
    );
  });
});

describe('filter matching with any filter that parses', () => {
  it('returns a result for absent, empty and arbitrary fields', () => {
    const field = fc.option(fc.string({ unit: anyCharacter }), { nil: undefined });
    fc.assert(
      fc.property(likeAFilter, field, (text, value) => {
        const result = outcome(() => {
          const filter = parseFilter(text);
          const each = filter.selectors.map(({ path }) => path);
          const seen: (readonly string[])[] = [];
          const matched = filter.matches((path) => (seen.push(path), value));
          expect(seen).to.deep.equal(each.slice(0, seen.length));
          if (matched) expect(seen).to.have.length(each.length);
        });
        if (result !== 'accepted') expect(result).to.be.instanceOf(FilterError);
      }),
      runs(2_000),
    );
  });
});
