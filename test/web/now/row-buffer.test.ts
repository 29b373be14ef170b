import { expect } from 'chai';
import { RowBuffer, type Row } from '../../../web/now/row-buffer.js';

const rows = (...texts: string[]): Row[] => texts.map((text) => ({ kind: 'entry', text }));

describe('RowBuffer', () => {
  it('keeps the newest rows, each under the number that it always had', () => {
    const buffer = new RowBuffer(3, 1000);
    buffer.push(rows('a', 'b'));
    buffer.push(rows('c', 'd', 'e'));
    expect([buffer.first, buffer.end, buffer.length]).to.deep.equal([2, 5, 3]);
    expect([1, 2, 3, 4, 5].map((sequence) => buffer.at(sequence)?.text)).to.deep.equal([
      undefined,
      'c',
      'd',
      'e',
      undefined,
    ]);
  });

  it('removes the oldest rows when there are too many characters', () => {
    const buffer = new RowBuffer(100, 10);
    buffer.push(rows('1234', '5678', '90ab'));
    expect(buffer.first).to.equal(1);
    buffer.push(rows('123456789012'));
    expect([buffer.length, buffer.at(buffer.first)?.text]).to.deep.equal([1, '123456789012']);
  });

  it('stays within its limits over a long time', () => {
    const buffer = new RowBuffer(100, 1_000_000);
    for (let i = 0; i < 10_000; i++) buffer.push(rows(`${i}`));
    expect([buffer.length, buffer.at(9999)?.text, buffer.at(9900)?.text]).to.deep.equal([
      100,
      '9999',
      '9900',
    ]);
  });
});
