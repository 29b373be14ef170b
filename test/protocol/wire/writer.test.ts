import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import fc from 'fast-check';
import { WireReader } from '../../../protocol/wire/reader.js';
import {
  fieldSize,
  varintSize,
  writeHead,
  writeOptional,
  writeOptionalAscii,
  writeVarint,
} from '../../../protocol/wire/writer.js';
import { runs } from '../../support/property-runs.js';

const EDGES = [7, 14, 21, 28, 31, 32, 35, 42, 49, 53].flatMap((bits) => [
  2 ** bits - 1,
  2 ** bits - 2,
]);
const number = fc.oneof(
  fc.nat(300),
  fc.constantFrom(...EDGES, ...EDGES.map((edge) => -edge), 2 ** 31, 2 ** 49),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
);

function encodedVarint(value: number): Uint8Array {
  return new BinaryWriter().int64(value).finish();
}

describe('writing protobuf fields', () => {
  it('writes varints as the generated code does, and knows their size', () => {
    fc.assert(
      fc.property(number, (value) => {
        const bytes = Buffer.alloc(10);
        const end = writeVarint(bytes, 0, value);
        expect(bytes.subarray(0, end)).to.deep.equal(Buffer.from(encodedVarint(value)));
        expect(varintSize(value)).to.equal(end);
      }),
      runs(2000),
    );
  });

  it('writes length-delimited fields as the generated code does, leaving out empty ones', () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_152]) {
      const content = Buffer.alloc(length, 'x');
      const expected = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(content).finish();
      const bytes = Buffer.alloc(fieldSize(length));
      bytes.set(content, writeHead(bytes, 0, 0x1a, length));
      expect(bytes.equals(expected), `${length}`).to.equal(true);
      for (const write of [
        (into: Buffer) => writeOptional(into, 0, 0x1a, content),
        (into: Buffer) => writeOptionalAscii(into, 0, 0x1a, content.toString()),
      ]) {
        const into = Buffer.alloc(fieldSize(length));
        const end = write(into);
        expect(into.subarray(0, end).equals(length === 0 ? Buffer.alloc(0) : expected)).equal(true);
      }
    }
  });
});

describe('WireReader', () => {
  const tag = fc.constantFrom(0x08, 0x0a, 0x10, 0x12, 0x1a, 120_010, 120_018);
  const field = fc.record({ tag, value: number, content: fc.uint8Array({ maxLength: 200 }) });

  it('steps over the fields that the generated code wrote', () => {
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const writer = new BinaryWriter();
        for (const { tag, value, content } of fields) {
          writer.uint32(tag);
          if ((tag & 7) === 2) writer.bytes(content);
          else writer.int64(value);
        }
        const bytes = writer.finish();
        const reader = new WireReader(bytes);
        for (const { tag, content } of fields) {
          expect(reader.over(tag ^ 0x40, bytes.length)).to.equal(false);
          expect(reader.over(tag, bytes.length)).to.equal(true);
          if ((tag & 7) === 2) expect(reader.content()).to.deep.equal(Buffer.from(content));
        }
        expect(reader.pos).to.equal(bytes.length);
        expect(reader.over(0x0a, bytes.length)).to.equal(false);
      }),
      runs(1000),
    );
  });

  it('never steps beyond the limit', () => {
    fc.assert(
      fc.property(tag, fc.uint8Array({ maxLength: 20 }), fc.nat(20), (tag, rest, limit) => {
        const bytes = Buffer.concat([new BinaryWriter().uint32(tag).finish(), rest]);
        const reader = new WireReader(bytes);
        const end = Math.min(limit, bytes.length);
        if (reader.over(tag, end)) expect(reader.pos).to.be.at.most(end);
        else expect(reader.pos).to.equal(0);
      }),
      runs(5000),
    );
  });

  it('reads numbers below 2^49 and leaves others unread', () => {
    fc.assert(
      fc.property(number, (value) => {
        const bytes = new BinaryWriter().tag(1, WireType.Varint).int64(value).finish();
        const reader = new WireReader(bytes);
        const isRead = value >= 0 && value < 2 ** 49;
        expect(reader.number(0x08, bytes.length)).to.equal(isRead ? value : 0);
        expect(reader.pos).to.equal(isRead ? bytes.length : 0);
        expect(new WireReader(bytes).number(0x10, bytes.length)).to.equal(0);
        const whole = new BinaryReader(bytes);
        whole.tag();
        expect(Number(whole.int64())).to.equal(value);
      }),
      runs(2000),
    );
  });

  it('leaves a number that is cut off unread', () => {
    const reader = new WireReader(Uint8Array.of(0x08, 0x80, 0x80));
    expect(reader.number(0x08, 3)).to.equal(0);
    expect(reader.over(0x08, 3)).to.equal(false);
    expect(reader.pos).to.equal(0);
  });
});
