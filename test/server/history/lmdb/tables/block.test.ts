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

describe('lmdb store: chunks', () => {
  it('have their rows, whole or from one of them on', () => {
    fc.assert(
      fc.property(rows, number, offset, fc.nat(), (all, count, first, skipped) => {
        const chunk = Block.decode(first, encodeBlock(count, all))!;
        expect([chunk.number, chunk.first, chunk.end]).deep.equal([
          count,
          first,
          first + all.length,
        ]);
        expect(rowsOf(chunk)).deep.equal(all);
        const from = first + (skipped % all.length);
        const rest = Block.decode(from, chunk.from(from))!;
        expect(rest.number).equal(count);
        expect(rowsOf(rest)).deep.equal(all.slice(from - first));
      }),
    );
  });

  it('take all rows in order, many or large ones in several', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const stored = all.map((row) => ({ stored: row }));
        const chunks = [...blocksOf(stored)];
        expect(chunks.flat()).deep.equal(stored);
        for (const chunk of chunks) {
          const bytes = chunk.reduce((sum, row) => sum + row.stored.length, 0);
          expect(chunk.length === 1 || bytes <= MAX_BLOCK_BYTES).true;
        }
      }),
    );
  });

  it('are noticed when they are not what was stored', () => {
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

function rowsOf(chunk: Block): Buffer[] {
  return Array.from({ length: chunk.end - chunk.first }, (_, i) => chunk.row(chunk.first + i));
}
