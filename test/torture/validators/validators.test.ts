import { expect } from 'chai';
import { VALIDATORS } from '../../../torture/validators/validators.js';
import { rolledBackRound } from './rolled-back-round.js';
import { evidenceIn, goodRound } from './recorded-round.js';
import { trimmedRound } from './trimmed-round.js';

describe('all validators', () => {
  for (const [what, round] of Object.entries({
    'nothing but restarts': goodRound(),
    trimming: trimmedRound(),
    'a copy of the store put back': rolledBackRound(),
  })) {
    it(`find nothing in a valid round with ${what}`, () => {
      const evidence = evidenceIn(round);
      const found = VALIDATORS.flatMap((check) =>
        check(evidence).violations.map(({ text }) => text),
      );
      expect(found).to.deep.equal([]);
    });
  }
});
