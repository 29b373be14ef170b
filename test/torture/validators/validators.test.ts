import { expect } from 'chai';
import { VALIDATORS } from '../../../torture/validators/validators.js';
import { rolledBackStory } from './rolled-back-round.js';
import { evidenceIn, goodRound } from './recorded-round.js';
import { trimmedStory } from './trimmed-round.js';

describe('all checks', () => {
  for (const [what, story] of Object.entries({
    'nothing but restarts': goodRound(),
    trimming: trimmedStory(),
    'a copy of the store put back': rolledBackStory(),
  })) {
    it(`find nothing in a good story with ${what}`, () => {
      const evidence = evidenceIn(story);
      const found = VALIDATORS.flatMap((check) =>
        check(evidence).violations.map(({ text }) => text),
      );
      expect(found).to.deep.equal([]);
    });
  }
});
