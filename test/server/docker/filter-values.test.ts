import { expect } from 'chai';
import fc from 'fast-check';
import { parseFilterValues } from '../../../server/docker/filter-values.js';
import { vectorsOf } from './docker-vectors.js';
import { invalidArgument } from './invalid-argument.js';

/** Key → value → its boolean, as entries. */
function read(text: string | undefined): [string, [string, boolean][]][] {
  return [...parseFilterValues(text)].map(([key, values]) => [key, [...values]]);
}

describe('filter values', () => {
  for (const { in: text, expect: values, error } of vectorsOf('filters-parse')) {
    it(`${error === undefined ? 'reads' : 'refuses'} ${JSON.stringify(text)}`, () => {
      expect(invalidArgument(() => parseFilterValues(text))).to.equal(error);
      if (values === undefined) return;
      const keys = read(text).map(([key, found]) => [key, found.map(([value]) => value)]);
      expect(Object.fromEntries(keys)).to.deep.equal(values);
    });
  }

  const READ: [text: string | undefined, values: [string, [string, boolean][]][]][] = [
    [undefined, []],
    ['null', []],
    ['{}', []],
    [' \t\r\n{"a":["b"]}\n', [['a', [['b', true]]]]],
    [
      '{"a":null,"b":{},"c":{"d":null}}',
      [
        ['a', []],
        ['b', []],
        ['c', [['d', false]]],
      ],
    ],
    [
      '{"a":null,"b":[],"c":["d"]}',
      [
        ['a', []],
        ['b', []],
        ['c', [['d', true]]],
      ],
    ],
    [
      '{"a":["b",null,"b"]}',
      [
        [
          'a',
          [
            ['b', true],
            ['', true],
          ],
        ],
      ],
    ],
    ['{"a":["b"],"a":["c"]}', [['a', [['c', true]]]]],
    ['{"a":{"b":true,"b":false}}', [['a', [['b', false]]]]],
    ['{"__proto__":{"constructor":true}}', [['__proto__', [['constructor', true]]]]],
    ['{"a":{"__proto__":true}}', [['a', [['__proto__', true]]]]],
  ];
  for (const [text, values] of READ) {
    it(`reads ${text}`, () => {
      expect(read(text)).to.deep.equal(values);
    });
  }

  for (const text of [
    ' ',
    '[]',
    '"type"',
    '1',
    'true',
    '{"a":"b"}',
    '{"a":1}',
    '{"a":true}',
    '{"a":{"b":1}}',
    '{"a":{"b":"true"}}',
    '{"a":{"b":[]}}',
    '{"a":[1]}',
    '{"a":[["b"]]}',
    '{"a":[],"b":{}}',
    '{"a":["b"],"c":{"d":true}}',
    '{"a":["b"]} x',
    "{'a':['b']}",
    '{"a":["b",]}',
  ]) {
    it(`refuses ${text}`, () => {
      expect(invalidArgument(() => parseFilterValues(text))).to.equal('invalid filter');
    });
  }

  it('reads or refuses any text', () => {
    const text = fc.oneof(fc.json(), fc.string());
    fc.assert(
      fc.property(text, (given) => {
        const message = invalidArgument(() => parseFilterValues(given));
        expect(message).to.be.oneOf([undefined, 'invalid filter']);
      }),
    );
  });

  it('reads back both spellings', () => {
    const spelled = fc.dictionary(fc.string(), fc.uniqueArray(fc.string()));
    fc.assert(
      fc.property(spelled, (lists) => {
        const sets = new Map(Object.entries(lists).map(([key, values]) => [key, new Set(values)]));
        const maps = Object.entries(lists).map(([key, values]) => [
          key,
          Object.fromEntries(values.map((value) => [value, true])),
        ]);
        for (const text of [JSON.stringify(lists), JSON.stringify(Object.fromEntries(maps))]) {
          const found = [...parseFilterValues(text)].map(
            ([key, values]) => [key, new Set(values.keys())] as const,
          );
          expect(new Map(found)).to.deep.equal(sets);
        }
      }),
    );
  });
});
