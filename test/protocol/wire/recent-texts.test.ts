import { expect } from 'chai';
import fc from 'fast-check';
import { nameBytes } from '../../../protocol/wire/name-bytes.js';
import { WireReader } from '../../../protocol/wire/reader.js';
import { RecentTexts } from '../../../protocol/wire/recent-texts.js';
import { runs } from '../../support/property-runs.js';

/** Reads the text from `begin` to `end` as if it were the field that was stepped over last. */
function read(texts: RecentTexts, bytes: Buffer, begin: number, end: number): string {
  return texts.read(Object.assign(new WireReader(bytes), { begin, end }));
}

describe('RecentTexts', () => {
  it('returns the decoded text, whether cached or not', () => {
    const texts = new RecentTexts();
    // Few different bytes, so that many texts share a slot; some are not UTF-8.
    const bytes = fc.array(fc.constantFrom(0x61, 0x62, 0xc3, 0xa9, 0x2f), { maxLength: 140 });
    fc.assert(
      fc.property(bytes, fc.nat(5), (content, before) => {
        const whole = Buffer.from([...Array<number>(before).fill(0x78), ...content, 0x79]);
        for (let time = 0; time < 2; time++) {
          const text = read(texts, whole, before, before + content.length);
          expect(text).to.equal(Buffer.from(content).toString());
        }
      }),
      runs(5000),
    );
  });

  it('keeps its texts when the bytes that they were read from change', () => {
    const texts = new RecentTexts();
    const bytes = Buffer.from('/tasks/exit');
    expect(read(texts, bytes, 0, 11)).to.equal('/tasks/exit');
    bytes.fill('x', 4, 6);
    expect(read(texts, bytes, 0, 11)).to.equal('/tasxx/exit');
    expect(read(texts, Buffer.from('/tasks/exit'), 0, 11)).to.equal('/tasks/exit');
  });
});

describe('nameBytes', () => {
  it('returns UTF-8 however many names there are', () => {
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 3000; n++) {
        for (const name of [`/é/${n}`, `${n}`.padStart(200, 'x')]) {
          if (!Buffer.from(name).equals(nameBytes(name))) expect.fail(name);
        }
      }
    }
  });
});
