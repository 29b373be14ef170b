import { expect } from 'chai';
import type { Contender, Row, Target } from '../../bench/rows/row.js';
import { measureRow } from '../../bench/table/in-turn.js';
import { comparisonTable } from '../../bench/table/markdown.js';
import { comparisons } from '../../bench/table/verdict.js';

/** A contender that measures these values one after another, and then fails. */
function contender(name: string, values: readonly number[], missing?: string): Contender {
  const left = [...values];
  const run = () => {
    const value = left.shift();
    return value === undefined
      ? Promise.reject(new Error('it fell over'))
      : Promise.resolve({ value, details: {} });
  };
  return { name, version: '1', missing, run };
}

function row(better: Row['better'], contenders: readonly Contender[], target: Target): Row {
  return { name: 'row', work: 'work', unit: 'u', better, contenders, targets: [target] };
}

const TWICE_THE_PEER = { kind: 'ratio', peer: 'peer', reach: 2, stretch: 4 } as const;

describe('the table of the bench', () => {
  it('compares medians where more is better', async () => {
    const contenders = [contender('Foghorn', [30, 10, 900]), contender('peer', [10, 1, 11])];
    const result = await measureRow(row('more', contenders, TWICE_THE_PEER), 3, () => {});
    const [comparison] = comparisons(result);
    expect(comparison).to.include({ figure: 3, reached: true, stretched: false });
  });

  it('compares medians where less is better', async () => {
    const contenders = [contender('Foghorn', [30]), contender('peer', [10])];
    const result = await measureRow(row('less', contenders, TWICE_THE_PEER), 1, () => {});
    const [comparison] = comparisons(result);
    expect(comparison).to.include({ figure: 3, reached: false, stretched: true });
  });

  it('compares a figure with a bound without a peer', async () => {
    const bound = { kind: 'bound', reach: 16, stretch: 8 } as const;
    const result = await measureRow(row('less', [contender('Foghorn', [9])], bound), 1, () => {});
    const [comparison] = comparisons(result);
    expect(comparison).to.include({ figure: 9, reached: true, stretched: false });
  });

  it('alternates contenders, and drops one that fails', async () => {
    const reports: string[] = [];
    const contenders = [contender('Foghorn', [1, 2]), contender('peer', [3])];
    const result = await measureRow(row('more', contenders, TWICE_THE_PEER), 2, (line) => {
      reports.push(line);
    });
    expect(reports).to.deep.equal([
      'row, round 1: Foghorn: 1.000 u',
      'row, round 1: peer: 3.000 u',
      'row, round 2: Foghorn: 2.000 u',
      'row: peer failed: it fell over',
    ]);
    expect(comparisonTable([result])).to.include('| failed: it fell over |');
    expect(comparisons(result)[0]).to.include({ figure: undefined, reached: undefined });
  });

  it('names a missing contender and the reason', async () => {
    const peer = contender('peer', [], 'no peer here: apt-get install peer');
    const contenders = [contender('Foghorn', [1])];
    const result = await measureRow(
      row('more', [...contenders, peer], TWICE_THE_PEER),
      1,
      () => {},
    );
    expect(comparisonTable([result])).to.include('| missing: no peer here: apt-get install peer |');
  });
});
