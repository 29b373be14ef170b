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
  bookmark,
  records,
} from './recorded-round.js';

describe('Resumable', () => {
  it('finds a hole at a resume', () => {
    const round = goodRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      begin({ after: cursorAt(4) }),
      entries(records(6, 9)),
      bookmark('end', cursorAt(9)),
    ];
    expect(found(resumable, round)).to.deep.equal(['all got nothing of offsets 5 to 5']);
  });

  it('finds a hole at a resume at another broker, and counts such resumes', () => {
    const round = goodRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      begin({ after: cursorAt(4) }, EVERYTHING, 1),
      entries(records(5, 6)),
      begin({ after: cursorAt(6) }, EVERYTHING, 1),
      begin({ after: cursorAt(6) }),
      entries(records(8, 9)),
      bookmark('end', cursorAt(9)),
    ];
    expect(found(resumable, round)).to.deep.equal(['all got nothing of offsets 7 to 7']);
    expect(resumable(evidenceIn(round)).scope).to.equal(
      '2 streams, taken up again 4 times, 2 of them at another broker',
    );
  });

  it('finds a cursor without an entry beyond the delivered entries', () => {
    const round = goodRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 7)),
      bookmark('progress', cursorAt(9)),
      bookmark('end', cursorAt(9)),
    ];
    expect(found(resumable, round)).to.deep.equal(['all got nothing of offsets 8 to 9']);
  });

  it('finds a reader that did not reach the end', () => {
    const round = goodRound();
    round.readers.all = [begin('earliest'), entries(records(1, 8)), bookmark('end', cursorAt(8))];
    expect(found(resumable, round)).to.deep.equal([
      'all came to offset 8 in the end, and history to offset 9',
    ]);
  });

  it('refuses records of a reader that resumed at another position than its own', () => {
    const round = goodRound();
    round.readers.all!.push(begin({ after: cursorAt(3) }));
    expect(() => found(resumable, round)).to.throw('resumes where the reader was not');
  });
});
