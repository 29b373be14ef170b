import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../../protocol/errors.js';
import { CursorWriter, parseCursor } from '../../../server/events/cursor.js';
import { anyCharacter } from '../../support/any-character.js';

const position = fc.record({
  epoch: fc.stringMatching(/^[0-9a-f]{16}$/),
  offset: fc.nat(2 ** 48 - 1),
  fingerprint: fc.nat(2 ** 32 - 1),
});

describe('a cursor', () => {
  it('keeps its format', () => {
    const cursor = new CursorWriter('0123456789abcdef').cursor(258, 0xdeadbeef);
    expect(cursor).to.equal('AQEjRWeJq83vAAAAAAEC3q2-7w');
    expect(parseCursor(cursor)).to.deep.equal({
      epoch: '0123456789abcdef',
      offset: 258,
      fingerprint: 0xdeadbeef,
    });
  });

  it('encodes any position in 26 URL-safe characters', () => {
    fc.assert(
      fc.property(position, (each) => {
        const cursor = new CursorWriter(each.epoch).cursor(each.offset, each.fingerprint);
        expect(cursor).to.match(/^[A-Za-z0-9_-]{26}$/);
        expect(parseCursor(cursor)).to.deep.equal(each);
      }),
    );
  });

  it('encodes the greatest offset and fingerprint', () => {
    const greatest = { epoch: 'f'.repeat(16), offset: 2 ** 48 - 1, fingerprint: 2 ** 32 - 1 };
    const cursor = new CursorWriter(greatest.epoch).cursor(greatest.offset, greatest.fingerprint);
    expect(parseCursor(cursor)).to.deep.equal(greatest);
  });

  it('has one encoding for each position', () => {
    const cursor = new CursorWriter('0123456789abcdef').cursor(1, 2);
    const others = [
      `${cursor}=`,
      ` ${cursor}`,
      `${cursor}\n`,
      // Bits of the last character that carry nothing.
      cursor.slice(0, -1) + String.fromCharCode(cursor.charCodeAt(25) + 1),
      Buffer.from(cursor, 'base64url').toString('base64'),
    ];
    for (const other of others) expect(() => parseCursor(other)).to.throw(FoghornError);
  });

  it('is refused in another version', () => {
    const bytes = Buffer.from(new CursorWriter('0123456789abcdef').cursor(1, 2), 'base64url');
    bytes[0] = 2;
    expect(() => parseCursor(bytes.toString('base64url')))
      .to.throw(FoghornError, 'is not a cursor')
      .with.property('code', 'INVALID_ARGUMENT');
  });

  it('is refused in any other form', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 60 }), (text) => {
        expect(() => parseCursor(text)).to.throw(FoghornError, 'is not a cursor');
      }),
    );
  });
});
