import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_DATA_BYTES } from '../../../server/ttrpc/frame.js';
import { TtrpcFrameReader } from '../../../server/ttrpc/frame-reader.js';
import { frame } from '../../support/raw-ttrpc.js';

/** The frames that a reader finds in pieces of a connection's bytes. */
function framesIn(pieces: readonly Buffer[]): string[] {
  const found: string[] = [];
  const reader = new TtrpcFrameReader({
    onFrame: ({ stream, isRequest }, data) =>
      found.push(`${stream} ${isRequest} ${data.toString()}`),
    onOversized: ({ stream, length }) => found.push(`${stream} oversized ${length}`),
  });
  for (const piece of pieces) reader.push(piece);
  return found;
}

/** Cuts bytes at these positions, in any order. */
function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.map((position) => position % bytes.length), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe('ttrpc frames', () => {
  it('are the same however the bytes arrive', () => {
    const frames = fc.array(
      fc.tuple(fc.nat(), fc.string({ maxLength: 20 }), fc.constantFrom(1, 3)),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(frames, fc.array(fc.nat()), (list, cuts) => {
        const bytes = Buffer.concat(
          list.map(([stream, data, type]) => frame(stream, Buffer.from(data), type)),
        );
        const expected = list.map(([stream, data, type]) => `${stream} ${type === 1} ${data}`);
        expect(framesIn(cut(bytes, cuts))).to.deep.equal(expected);
      }),
    );
  });

  it('that are too large are skipped, without being held', () => {
    const oversized = frame(1, Buffer.alloc(MAX_DATA_BYTES + 1));
    const expected = [`1 oversized ${MAX_DATA_BYTES + 1}`, '3 true next'];
    const bytes = Buffer.concat([oversized, frame(3, Buffer.from('next'))]);
    for (const cuts of [
      [],
      [5],
      [10],
      [11, 1_000_000],
      [oversized.length],
      [oversized.length + 3],
    ]) {
      expect(framesIn(cut(bytes, cuts))).to.deep.equal(expected);
    }
  });
});
