import { expect } from 'chai';
import fc from 'fast-check';
import { checkTimeOrder, parseQueryTime } from '../../../server/docker/query-time.js';
import { vectorsOf } from './docker-vectors.js';
import { invalidArgument } from './invalid-argument.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

describe('times in queries', () => {
  for (const { in: text, expect: time } of vectorsOf('server-timestamp')) {
    it(`${time === undefined ? 'refuses' : 'reads'} ${JSON.stringify(text)}`, () => {
      if (time === undefined) {
        expect(invalidArgument(() => parseQueryTime('since', text))).to.be.a('string');
        return;
      }
      const nanos = time === null ? undefined : BigInt(time.s) * 1_000_000_000n + BigInt(time.ns);
      expect(parseQueryTime('since', text)).to.equal(nanos);
    });
  }

  const READ: [text: string | undefined, nanos: bigint | undefined][] = [
    [undefined, undefined],
    ['0', 0n],
    ['-0', 0n],
    ['+5', 5_000_000_000n],
    ['5.', 5_000_000_000n],
    ['0005.5', 5_500_000_000n],
    // The fraction is added, as to any other second.
    ['-1.5', -500_000_000n],
    ['1.12345678901234567890', 1_123_456_789n],
    ['9223372036854775807', 9_223_372_036_854_775_807_000_000_000n],
    ['-9223372036854775808.000000001', -9_223_372_036_854_775_807_999_999_999n],
  ];
  for (const [text, nanos] of READ) {
    it(`reads ${text}`, () => {
      expect(parseQueryTime('until', text)).to.equal(nanos);
    });
  }

  const REFUSED: [text: string, fault: string][] = [
    ['foo.bar', 'invalid seconds "foo": invalid syntax'],
    ['.5', 'invalid seconds "": invalid syntax'],
    ['-', 'invalid seconds "-": invalid syntax'],
    ['--1', 'invalid seconds "--1": invalid syntax'],
    ['0x10', 'invalid seconds "0x10": invalid syntax'],
    ['1_000', 'invalid seconds "1_000": invalid syntax'],
    ['10m', 'invalid seconds "10m": invalid syntax'],
    ['٣', 'invalid seconds "٣": invalid syntax'],
    ['2023-11-14', 'invalid seconds "2023-11-14": invalid syntax'],
    ['9223372036854775808', 'invalid seconds "9223372036854775808": value out of range'],
    ['-9223372036854775809.x', 'invalid seconds "-9223372036854775809": value out of range'],
    ['1.0b', "invalid nanoseconds: invalid character 'b' at position 1"],
    ['1.-5', "invalid nanoseconds: invalid character '-' at position 0"],
    ['1.5.5', "invalid nanoseconds: invalid character '.' at position 1"],
    ["1.'", "invalid nanoseconds: invalid character '\\'' at position 0"],
    ['1.12"', "invalid nanoseconds: invalid character '\"' at position 2"],
    ['1.\n', "invalid nanoseconds: invalid character '\\n' at position 0"],
    ['1.é', "invalid nanoseconds: invalid character 'Ã' at position 0"],
    [`1.${'0'.repeat(21)}`, 'invalid nanoseconds: length 21 exceeds maximum 20'],
    [`1.${'é'.repeat(11)}`, 'invalid nanoseconds: length 22 exceeds maximum 20'],
  ];
  for (const [text, fault] of REFUSED) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const shown = JSON.stringify(text);
      expect(invalidArgument(() => parseQueryTime('since', text))).to.equal(
        `invalid value for 'since': invalid timestamp ${shown}: ${fault}`,
      );
    });
  }

  it('says which one is wrong', () => {
    expect(invalidArgument(() => parseQueryTime('until', 'x'))).to.equal(
      `invalid value for 'until': invalid timestamp "x": invalid seconds "x": invalid syntax`,
    );
  });

  it('reads or refuses any text', () => {
    const piece = fc.constantFrom('1', '0', '.', '-', '+', 'e', ' ', 'é', '\0', '9'.repeat(19));
    const text = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.array(piece, { minLength: 1 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const message = invalidArgument(() => parseQueryTime('since', given));
        if (given === '') expect(message).to.equal(undefined);
        else if (/^[+-]?[0-9]{1,18}(\.[0-9]{0,20})?$/.test(given))
          expect(message).to.equal(undefined);
        else if (message !== undefined) expect(message).to.match(/^invalid value for 'since': /);
        else expect(given).to.match(/^[+-]?[0-9]+(\.[0-9]{0,20})?$/);
      }),
      runs(1000),
    );
  });

  it('must be in order', () => {
    const check = (since: string | undefined, until: string | undefined): string | undefined =>
      invalidArgument(() => {
        const [from, to] = [parseQueryTime('since', since), parseQueryTime('until', until)];
        checkTimeOrder(since, from, until, to);
      });
    expect(check('10', '5')).to.equal('`since` time (10) cannot be after `until` time (5)');
    // Quoted as they were sent.
    expect(check('+5.0000000010', '5.')).to.equal(
      '`since` time (+5.0000000010) cannot be after `until` time (5.)',
    );
    for (const [since, until] of [
      ['5', '5'],
      ['5', '5.0'],
      ['5', '5.000000001'],
      ['5', undefined],
      [undefined, '-5'],
      [undefined, undefined],
    ]) {
      expect(check(since, until), `${since} ${until}`).to.equal(undefined);
    }
  });
});
