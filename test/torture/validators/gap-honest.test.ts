import { expect } from 'chai';
import { gapHonest } from '../../../torture/validators/gap-honest.js';
import { laterRecord, rolledBackStory } from './rolled-back-round.js';
import {
  begin,
  cursorAt,
  entries,
  EPOCH,
  found,
  goodRound,
  OTHER_EPOCH,
  record,
  records,
} from './recorded-round.js';
import { trimmedGap, trimmedStory } from './trimmed-round.js';

describe('GapHonest', () => {
  const NOTHING_EXPLAINS = 'and nothing explains it';

  it('finds a gap where nothing was trimmed', () => {
    const story = goodRound();
    story.readers.all = [begin('earliest'), entries(records(1, 2)), trimmedGap(2, 4)];
    expect(found(gapHonest, story)).to.deep.equal([
      `all was told of a gap (trimmed) after offset 2, ${NOTHING_EXPLAINS}`,
    ]);
  });

  it('finds a gap that says less than was lost, and one of nothing', () => {
    for (const gap of [trimmedGap(2, 7, 4), trimmedGap(2, 2, 1), trimmedGap(2, 8)]) {
      const story = trimmedStory();
      story.readers.all = [begin('earliest'), entries(records(1, 2)), gap];
      expect(found(gapHonest, story), JSON.stringify(gap)).to.have.length(1);
    }
  });

  it('finds a refusal to go on where nothing was lost', () => {
    const story = goodRound();
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 2)),
      { kind: 'failed', code: 'OUT_OF_RANGE', message: 'gone' },
    ];
    expect(found(gapHonest, story)).to.deep.equal([
      `all was told of an error that its place was gone after offset 2, ${NOTHING_EXPLAINS}`,
    ]);
  });

  it('judges a gap that a reader is told of before it has any place like another', () => {
    const gap = trimmedGap(2, 7);
    const story = trimmedStory();
    story.readers.all = [begin('earliest'), gap];
    expect(found(gapHonest, story)).to.deep.equal([]);
    const untrimmed = goodRound();
    untrimmed.readers.all = [begin('earliest'), gap];
    expect(found(gapHonest, untrimmed)).to.have.length(1);
  });

  it('finds a refusal before there was any place to resume after', () => {
    const story = trimmedStory();
    story.readers.all = [
      begin('earliest'),
      { kind: 'failed', code: 'OUT_OF_RANGE', message: 'gone' },
    ];
    expect(found(gapHonest, story)).to.deep.equal([
      'all was refused to go on where it had no place yet',
    ]);
  });

  it('takes a refusal where entries were trimmed, also after a gap that was told first', () => {
    const refusal = { kind: 'failed', code: 'OUT_OF_RANGE', message: 'gone' } as const;
    const story = trimmedStory();
    story.readers.all = [begin('earliest'), entries(records(1, 2)), refusal];
    story.readers.told = [begin('earliest'), entries([record(1)]), trimmedGap(1, 7), refusal];
    expect(found(gapHonest, story)).to.deep.equal([]);
  });

  it('finds a reader that went on in a copy that was put back, untold', () => {
    const story = rolledBackStory();
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 5)),
      { at: 500, ...entries([laterRecord(6)]) },
    ];
    expect(found(gapHonest, story)).to.have.length(1);
    expect(found(gapHonest, story)[0]).to.include('no single history has all of what it read');
  });

  it('lets a reader go on that the copy took nothing from', () => {
    const story = rolledBackStory();
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      { at: 500, ...entries([laterRecord(5), laterRecord(6)]) },
    ];
    expect(found(gapHonest, story)).to.deep.equal([]);
  });

  it('finds a wrong reason', () => {
    for (const reason of ['trimmed', 'store recreated', 'unknown'] as const) {
      const story = rolledBackStory();
      const gap = story.readers.all!.find(({ kind }) => kind === 'gap')!;
      Object.assign(gap, { reason });
      expect(found(gapHonest, story), reason).to.have.length(1);
    }
  });

  it('takes a store that was wiped for one', () => {
    const story = goodRound();
    const made = { kind: 'lineage', parent: null, fork: 0 } as const;
    story.broker = [
      { at: 0, lineage: 0, epoch: EPOCH, ...made },
      { at: 100, kind: 'lineage over', lineage: 0 },
      { at: 110, lineage: 1, epoch: OTHER_EPOCH, ...made },
    ];
    story.histories.push([]);
    const to = cursorAt(0, 0, OTHER_EPOCH);
    const gap = { kind: 'gap', from: cursorAt(9), cursor: to, lostAtMost: '0' } as const;
    story.readers.all = [
      begin('earliest'),
      entries(records(1, 9)),
      { at: 120, reason: 'store recreated', ...gap },
    ];
    expect(found(gapHonest, story)).to.deep.equal([]);
  });
});
