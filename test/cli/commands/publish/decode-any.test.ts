import { expect } from 'chai';
import fc from 'fast-check';
import { decodeAny } from '../../../../cli/commands/publish/decode-any.js';
import { Any } from '../../../../client/index.js';

describe('decodeAny', () => {
  it('decodes every serialized Any, also an empty one', () => {
    expect(decodeAny(Buffer.alloc(0))).to.deep.include({ typeUrl: '' });
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (typeUrl, bytes) => {
        const any = { typeUrl, value: Buffer.from(bytes) };
        expect(decodeAny(Any.encode(any).finish())).to.deep.equal(any);
      }),
    );
  });

  const malformed = {
    text: Buffer.from('hello\n'),
    'a cut value': Buffer.from([0x12, 5, 1]),
    'a number as type_url': Buffer.from([0x08, 1]),
    'a zero byte': Buffer.from([0]),
  };
  for (const [name, bytes] of Object.entries(malformed)) {
    it(`refuses ${name}`, () => {
      expect(() => decodeAny(bytes))
        .to.throw(
          `expected a serialized google.protobuf.Any, got ${bytes.length} bytes of something else`,
        )
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }
});
