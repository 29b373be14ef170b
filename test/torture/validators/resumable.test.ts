import { expect } from 'chai';
import { resumable } from '../../../torture/validators/resumable.js';
import {
  begin,
  cursorAt,
  entries,
  evidenceIn,
  EVERYTHING,
  found,
  goodRound,
  mark,
  records,
} from './recorded-round.js';

describe('Resumable', () => {
  it('finds a hole where a reader was taken up again', () => {
    const story = goodRound();
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      begin({ after: cursorAt(4) }),
      entries(records(6, 9)),
      mark('end', cursorAt(9)),
    ];
    expect(found(resumable, story)).to.deep.equal(['all got nothing of offsets 5 to 5']);
  });

  it('finds a hole where a reader went on at another broker, and counts such moves', () => {
    const story = goodRound();
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      begin({ after: cursorAt(4) }, EVERYTHING, 1),
      entries(records(5, 6)),
      begin({ after: cursorAt(6) }, EVERYTHING, 1),
      begin({ after: cursorAt(6) }),
      entries(records(8, 9)),
      mark('end', cursorAt(9)),
    ];
    expect(found(resumable, story)).to.deep.equal(['all got nothing of offsets 7 to 7']);
    expect(resumable(evidenceIn(story)).scope).to.equal(
      '2 streams, taken up again 4 times, 2 of them at another broker',
    );
  });

  it('finds a bare cursor beyond what was delivered', () => {
    const story = goodRound();
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 7)),
      mark('progress', cursorAt(9)),
      mark('end', cursorAt(9)),
    ];
    expect(found(resumable, story)).to.deep.equal(['all got nothing of offsets 8 to 9']);
  });

  it('finds a reader that did not come to the end', () => {
    const story = goodRound();
    story.readers.all = [begin('earliest'), entries(records(1, 8)), mark('end', cursorAt(8))];
    expect(found(resumable, story)).to.deep.equal([
      'all came to offset 8 in the end, and history to offset 9',
    ]);
  });

  it('does not take records of a reader that resumed elsewhere than where it was', () => {
    const story = goodRound();
    story.readers.all!.push(begin({ after: cursorAt(3) }));
    expect(() => found(resumable, story)).to.throw('resumes where the reader was not');
  });
});
