import { expect } from 'chai';
import fc from 'fast-check';
import {
  Block,
  blocksOf,
  encodeBlock,
  MAX_BLOCK_BYTES,
} from '../../../../../server/history/lmdb/tables/block.js';

const rows = fc.array(
  fc.uint8Array({ maxLength: 9000 }).map((bytes) => Buffer.from(bytes)),
  { minLength: 1, maxLength: 100, size: 'max' },
);
const number = fc.nat();
const offset = fc.integer({ min: 1, max: 2 ** 48 });

describe('lmdb store: blocks', () => {
  it('return their rows, whole or from an offset on', () => {
    fc.assert(
      fc.property(rows, number, offset, fc.nat(), (all, count, first, skipped) => {
        const block = Block.decode(first, encodeBlock(count, all))!;
        expect([block.number, block.first, block.end]).deep.equal([
          count,
          first,
          first + all.length,
        ]);
        expect(rowsOf(block)).deep.equal(all);
        const from = first + (skipped % all.length);
        const rest = Block.decode(from, block.from(from))!;
        expect(rest.number).equal(count);
        expect(rowsOf(rest)).deep.equal(all.slice(from - first));
      }),
    );
  });

  it('hold all rows in order, and divide many or large ones among several', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const stored = all.map((row, i) => ({ offset: i + 7, stored: row }));
        const blocks = [...blocksOf(stored)];
        expect(blocks.flat()).deep.equal(stored);
        for (const block of blocks) {
          const bytes = block.reduce((sum, row) => sum + row.stored.length, 0);
          expect(block.length === 1 || bytes <= MAX_BLOCK_BYTES).true;
        }
      }),
    );
  });

  it('are not decoded when they are damaged', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, change) => {
        const bytes = encodeBlock(7, all);
        const head = 16 + 4 * all.length;
        bytes[at % head]! ^= change;
        expect(Block.decode(1, bytes)).equal(undefined);
        expect(Block.decode(1, bytes.subarray(0, at % head))).equal(undefined);
      }),
    );
  });
});

function rowsOf(block: Block): Buffer[] {
  return Array.from({ length: block.end - block.first }, (_, i) => block.row(block.first + i));
}
