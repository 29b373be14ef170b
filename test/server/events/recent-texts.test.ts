import { expect } from 'chai';
import fc from 'fast-check';
import { nameBytes } from '../../../server/events/name-bytes.js';
import { RecentTexts } from '../../../server/events/recent-texts.js';

describe('recent texts', () => {
  it('are what decoding them gives, however often they come', () => {
    const texts = new RecentTexts();
    // Few different bytes, so that many share a place; some are no UTF-8.
    const bytes = fc.array(fc.constantFrom(0x61, 0x62, 0xc3, 0xa9, 0x2f), { maxLength: 140 });
    fc.assert(
      fc.property(bytes, fc.nat(5), (content, before) => {
        const whole = Buffer.from([...Array<number>(before).fill(0x78), ...content, 0x79]);
        for (let time = 0; time < 2; time++) {
          const text = texts.read(whole, before, before + content.length);
          expect(text).to.equal(Buffer.from(content).toString());
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('do not change with the bytes that they were read from', () => {
    const texts = new RecentTexts();
    const bytes = Buffer.from('/tasks/exit');
    expect(texts.read(bytes, 0, 11)).to.equal('/tasks/exit');
    bytes.fill('x', 4, 6);
    expect(texts.read(bytes, 0, 11)).to.equal('/tasxx/exit');
    expect(texts.read(Buffer.from('/tasks/exit'), 0, 11)).to.equal('/tasks/exit');
  });
});

describe('the bytes of a name', () => {
  it('are its UTF-8, however many names there are', () => {
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 3000; n++) {
        for (const name of [`/é/${n}`, `${n}`.padStart(200, 'x')]) {
          if (!Buffer.from(name).equals(nameBytes(name))) expect.fail(name);
        }
      }
    }
  });
});
