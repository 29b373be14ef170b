import { expect } from 'chai';
import { CHECKS } from '../../../torture/check/checks.js';
import { rolledBackStory } from '../../../torture/check/rolled-back-story.js';
import { evidenceIn, goodStory } from '../../../torture/check/story.js';
import { trimmedStory } from '../../../torture/check/trimmed-story.js';

describe('all checks', () => {
  for (const [what, story] of Object.entries({
    'nothing but restarts': goodStory(),
    trimming: trimmedStory(),
    'a copy of the store put back': rolledBackStory(),
  })) {
    it(`find nothing in a good story with ${what}`, () => {
      const evidence = evidenceIn(story);
      const found = CHECKS.flatMap((check) => check(evidence).violations.map(({ text }) => text));
      expect(found).to.deep.equal([]);
    });
  }
});
