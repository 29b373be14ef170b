import { expect } from 'chai';
import fc from 'fast-check';
import { linesOf } from '../../../bridge/docker/lines.js';
import { anyCharacter } from '../../support/any-character.js';

async function* inPieces(bytes: Buffer, ends: readonly number[]): AsyncGenerator<Buffer> {
  const cuts = [...ends].map((end) => end % (bytes.length + 1)).sort((a, b) => a - b);
  for (const [index, end] of [...cuts, bytes.length].entries()) {
    yield await Promise.resolve(bytes.subarray(cuts[index - 1] ?? 0, end));
  }
}

async function linesIn(chunks: AsyncIterable<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks)) lines.push(line);
  return lines;
}

describe('linesOf', () => {
  it('returns the same lines for chunks of any size', async () => {
    const text = fc.string({ unit: anyCharacter }).map((any) => any.replaceAll('\n', '') + '→ж😀');
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(fc.nat()), async (lines, ends) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        expect(await linesIn(inPieces(bytes, ends))).to.deep.equal(lines);
      }),
    );
  });

  it('leaves out an incomplete line', async () => {
    expect(await linesIn(inPieces(Buffer.from('whole\nhal'), [3]))).to.deep.equal(['whole']);
  });
});
