import { expect } from 'chai';
import fc from 'fast-check';
import { merged } from '../../../server/history/merged.js';

const offsetOf = (offset: number): number => offset;

describe('merged', () => {
  it('yields all offsets, ascending', () => {
    const sequences = fc
      .uniqueArray(fc.nat(100), { maxLength: 40 })
      .chain((offsets) => fc.tuple(fc.constant(offsets), fc.array(fc.nat(6), { minLength: 40 })))
      .map(([offsets, places]) =>
        Array.from({ length: 7 }, (_, place) =>
          offsets.filter((_offset, i) => places[i] === place).sort((a, b) => a - b),
        ),
      );
    fc.assert(
      fc.property(sequences, (each) => {
        const sorted = each.flat().sort((a, b) => a - b);
        expect([...merged(each, offsetOf)]).to.deep.equal(sorted);
      }),
    );
  });

  it('reads no more than it must, and closes all sequences when it is left', () => {
    let open = 0;
    function* from(start: number): Iterable<number> {
      open += 1;
      try {
        for (let offset = start; ; offset += 5) yield offset;
      } finally {
        open -= 1;
      }
    }
    const taken: number[] = [];
    for (const offset of merged([5, 3, 1, 2, 4].map(from), offsetOf)) {
      taken.push(offset);
      expect(open).to.equal(5);
      if (taken.length === 12) break;
    }
    expect(taken).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(open).to.equal(0);
  });
});
