import { expect } from 'chai';
import {
  begin,
  cursorAt,
  entries,
  found,
  goodStory,
  records,
} from '../../../torture/check/story.js';
import { unique } from '../../../torture/check/unique.js';

describe('Unique', () => {
  it('finds an entry that a stream has twice, before and after a resume', () => {
    const story = goodStory();
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      begin({ after: cursorAt(4) }),
      entries(records(4, 9)),
    ];
    expect(found(unique, story)).to.deep.equal([
      'all got offset 4 twice: default /tasks/exec-started c1 e11 11 0',
    ]);
  });
});
