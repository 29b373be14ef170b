import { expect } from 'chai';
import { gapHonest } from '../../../torture/validators/gap-honest.js';
import { laterRecord, rolledBackRound } from './rolled-back-round.js';
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
import { trimmedGap, trimmedRound } from './trimmed-round.js';

describe('GapHonest', () => {
  const NOTHING_EXPLAINS = 'and nothing explains it';

  it('finds a gap where nothing was trimmed', () => {
    const round = goodRound();
    round.readers.all = [begin('earliest'), entries(records(1, 2)), trimmedGap(2, 4)];
    expect(found(gapHonest, round)).to.deep.equal([
      `all received a gap (trimmed) after offset 2, ${NOTHING_EXPLAINS}`,
    ]);
  });

  it('finds a gap that reports fewer entries than were lost, and an empty gap', () => {
    for (const gap of [trimmedGap(2, 7, 4), trimmedGap(2, 2, 1), trimmedGap(2, 8)]) {
      const round = trimmedRound();
      round.readers.all = [begin('earliest'), entries(records(1, 2)), gap];
      expect(found(gapHonest, round), JSON.stringify(gap)).to.have.length(1);
    }
  });

  it('finds a refused resume where nothing was lost', () => {
    const round = goodRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 2)),
      { kind: 'failed', code: 'OUT_OF_RANGE', message: 'gone' },
    ];
    expect(found(gapHonest, round)).to.deep.equal([
      `all received an error that its position was gone after offset 2, ${NOTHING_EXPLAINS}`,
    ]);
  });

  it('judges a gap before the first position like any other', () => {
    const gap = trimmedGap(2, 7);
    const round = trimmedRound();
    round.readers.all = [begin('earliest'), gap];
    expect(found(gapHonest, round)).to.deep.equal([]);
    const untrimmed = goodRound();
    untrimmed.readers.all = [begin('earliest'), gap];
    expect(found(gapHonest, untrimmed)).to.have.length(1);
  });

  it('finds a refused resume of a reader without a position', () => {
    const round = trimmedRound();
    round.readers.all = [
      begin('earliest'),
      { kind: 'failed', code: 'OUT_OF_RANGE', message: 'gone' },
    ];
    expect(found(gapHonest, round)).to.deep.equal([
      'all was refused a resume before it had a position',
    ]);
  });

  it('accepts a refused resume where entries were trimmed, also after a gap', () => {
    const refusal = { kind: 'failed', code: 'OUT_OF_RANGE', message: 'gone' } as const;
    const round = trimmedRound();
    round.readers.all = [begin('earliest'), entries(records(1, 2)), refusal];
    round.readers.second = [begin('earliest'), entries([record(1)]), trimmedGap(1, 7), refusal];
    expect(found(gapHonest, round)).to.deep.equal([]);
  });

  it('finds a reader that continued in a restored copy without a gap', () => {
    const round = rolledBackRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 5)),
      { at: 500, ...entries([laterRecord(6)]) },
    ];
    expect(found(gapHonest, round)).to.have.length(1);
    expect(found(gapHonest, round)[0]).to.include('no single history has all of what it read');
  });

  it('accepts a reader that lost nothing by the restored copy', () => {
    const round = rolledBackRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      { at: 500, ...entries([laterRecord(5), laterRecord(6)]) },
    ];
    expect(found(gapHonest, round)).to.deep.equal([]);
  });

  it('finds a wrong reason', () => {
    for (const reason of ['trimmed', 'store recreated', 'unknown'] as const) {
      const round = rolledBackRound();
      const gap = round.readers.all!.find(({ kind }) => kind === 'gap')!;
      Object.assign(gap, { reason });
      expect(found(gapHonest, round), reason).to.have.length(1);
    }
  });

  it('accepts a gap for a wiped store', () => {
    const round = goodRound();
    const made = { kind: 'lineage', parent: null, fork: 0 } as const;
    round.broker = [
      { at: 0, lineage: 0, epoch: EPOCH, ...made },
      { at: 100, kind: 'lineage over', lineage: 0 },
      { at: 110, lineage: 1, epoch: OTHER_EPOCH, ...made },
    ];
    round.histories.push([]);
    const to = cursorAt(0, 0, OTHER_EPOCH);
    const gap = { kind: 'gap', from: cursorAt(9), cursor: to, lostAtMost: '0' } as const;
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 9)),
      { at: 120, reason: 'store recreated', ...gap },
    ];
    expect(found(gapHonest, round)).to.deep.equal([]);
  });
});
