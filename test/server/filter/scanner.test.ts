import { expect } from 'chai';

import { Scanner } from '../../../server/filter/scanner.js';
import { casesOf } from './cases.js';

function scanAll(source: string) {
  const scanner = new Scanner(Buffer.from(source));
  const tokens: { token: string; pos: number; text: string }[] = [];
  const errors: (string | undefined)[] = [];
  do {
    const { kind, offset, bytes } = scanner.scan();
    tokens.push({ token: kind, pos: offset, text: Buffer.from(bytes).toString() });
    if (kind === 'Illegal') errors.push(scanner.error);
  } while (tokens.at(-1)!.token !== 'EOF');
  return { tokens, errors };
}

describe('filter scanner', () => {
  for (const { name, filter, tokens } of casesOf('scan')) {
    it(name, () => {
      const scanned = scanAll(filter);
      const expected = tokens.map(({ token, pos, text }) => ({ token, pos, text }));
      expect(scanned.tokens).to.deep.equal(expected);
      expect(scanned.errors).to.deep.equal(tokens.flatMap(({ error }) => error ?? []));
    });
  }

  it('keeps the first of several errors', () => {
    expect(scanAll('"\\d').errors).to.deep.equal(['illegal escape sequence']);
    expect(scanAll('"\\x4\0').errors).to.deep.equal(['unexpected null']);
    expect(scanAll('"\\\uFFFD').errors).to.deep.equal(['rune error']);
  });

  it('accepts only Unicode white space between tokens', () => {
    expect(scanAll('\uFEFFa').tokens[0]!.token).to.equal('Unexpected');
    expect(scanAll('\u0085\u2028a').tokens[0]!.token).to.equal('Field');
  });
});
