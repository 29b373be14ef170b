import fc from 'fast-check';
import { expect } from 'chai';
import { HpackDecoder } from '../../../../server/http2/hpack/decoder.js';
import { HpackEncoder } from '../../../../server/http2/hpack/encoder.js';
import { HuffmanDecoder } from '../../../../server/http2/hpack/huffman-decoder.js';
import { HeaderBlock } from '../../../../server/http2/index.js';

const LIMITS = { maxHeaderListSize: 100_000, maxHeaderFields: 1000 };

const field = fc.tuple(
  fc.constantFrom('x-a', 'x-b', 'content-type', 'grpc-status', 'www-authenticate'),
  fc.oneof(
    fc.constantFrom('', '0', 'application/grpc'),
    fc.stringMatching(/^[!-~\x80-\xff]{0,200}$/),
  ),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ block: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ resize: fc.constantFrom(0, 33, 100, 1000, 4096, 100_000) }) },
);

describe('HPACK encoder', () => {
  it('makes blocks that its decoder reads, in any order and with any size of the table', () => {
    const blocks = fc.array(fc.tuple(fc.array(field, { maxLength: 6 }), fc.boolean()), {
      minLength: 10,
      maxLength: 10,
    });
    fc.assert(
      fc.property(blocks, fc.array(step, { maxLength: 60 }), (made, steps) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder(LIMITS, new HuffmanDecoder());
        const all = made.map(([fields, repeated]) => new HeaderBlock(fields, repeated));
        for (const one of steps) {
          if ('resize' in one) {
            encoder.resize(one.resize);
            continue;
          }
          const block = all[one.block]!;
          const target = Buffer.alloc(block.maxEncodedBytes + 20);
          const end = encoder.encode(block, target, 3);
          const { fields } = decoder.decode(target, 3, end);
          expect(fields.map(({ name, value }) => ({ name, value }))).to.deep.equal(block.fields);
        }
      }),
    );
  });

  it('sends a repeated block in one byte for each field from its second use on', () => {
    const encoder = new HpackEncoder();
    const block = new HeaderBlock(
      [
        [':status', '200'],
        ['content-type', 'application/grpc'],
      ],
      true,
    );
    const target = Buffer.alloc(200);
    expect(encoder.encode(block, target, 0)).to.be.greaterThan(10);
    expect(encoder.encode(block, target, 0)).to.equal(2);
    expect(encoder.isStable(block)).to.equal(true);
  });
});

describe('header block', () => {
  const refused: [string, string][] = [
    ['Upper', 'x'],
    ['', 'x'],
    ['x y', 'x'],
    ['x', 'a\nb'],
    ['x', 'a\0'],
    ['x', ' a'],
    ['x', '\u20ac'],
    ['connection', 'close'],
    ['transfer-encoding', 'chunked'],
    [':path', '/'],
    [':status', 'ok'],
  ];
  for (const [name, value] of refused) {
    it(`refuses ${JSON.stringify([name, value])}, which HTTP/2 cannot carry`, () => {
      expect(() => new HeaderBlock([[name, value]])).to.throw(TypeError, 'not a header field');
    });
  }

  it('refuses :status behind another field', () => {
    expect(
      () =>
        new HeaderBlock([
          ['x', 'y'],
          [':status', '200'],
        ]),
    ).to.throw(TypeError);
  });
});
