import { expect } from 'chai';
import fc from 'fast-check';
import { JSON_OBJECT_TYPE } from '../../../protocol/json-value.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { encodeJsonObject } from '../../../protocol/wire/json-object.js';

describe('encodeJsonObject', () => {
  const struct = PayloadTypes.load().find(JSON_OBJECT_TYPE);

  it('encodes any object as the payload type does', () => {
    const value = fc.jsonValue({ depthSize: 'medium' });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), value), (object) => {
        expect(Buffer.from(encodeJsonObject(object))).to.deep.equal(struct?.encode(object));
      }),
    );
  });

  it('encodes null, nested empty values and a member named __proto__', () => {
    const object: unknown = JSON.parse(
      '{"a":null,"b":{},"c":[],"":"","n":0,"f":false,"l":[null,[],{}],"__proto__":{"x":1}}',
    );
    expect(Buffer.from(encodeJsonObject(object))).to.deep.equal(struct?.encode(object));
  });

  let deep: unknown = 1;
  for (let level = 0; level < 40; level++) deep = { deep };
  for (const [name, json] of [
    ['a list', [1]],
    ['a text', 'a'],
    ['half of a surrogate pair', { a: ['\ud800'] }],
    ['half of a surrogate pair as a name', { a: { '\udc00': 1 } }],
    ['40 levels', deep],
  ] as const) {
    it(`refuses ${name} as the payload type does`, () => {
      expect(() => encodeJsonObject(json)).to.throw(messageOf(() => struct?.encode(json)));
    });
  }
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected an error');
}
